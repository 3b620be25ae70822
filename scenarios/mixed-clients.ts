/**
 * Clients of two releases at once: some were written against the previous contract and know nothing of what came later. The
 * operations of old clients end in `-previous`.
 *
 *   PREVIOUS_SHARE  0–1, the share of old clients (0.5); phases may change it
 *
 * Other variables: support/order-platform.ts, support/order-mix.ts.
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/mixed-clients.ts
 */
import { numericSetting } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { platformsFromEnv } from './support/order-platform.ts';
import { arrivals, layOut } from './support/profile.ts';
import { random } from './support/vu-random.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 100, 100]), maxVUs: 200 }) },
};

const current = orderMix(platformsFromEnv());
const previous = orderMix(platformsFromEnv({ generation: 'previous' }), { suffix: '-previous' });

export const setup = () => current.seed();

export default function () {
  return (random() < numericSetting('PREVIOUS_SHARE', 0.5, 0, 1) ? previous : current).iteration();
}
