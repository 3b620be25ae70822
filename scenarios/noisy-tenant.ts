/**
 * One noisy tenant among quiet ones: all ask for quotes. The noisy one's are the operation `noisy-quote`, those of the
 * others `quote`.
 *
 *   TENANTS      how many quiet tenants there are, with equal shares (8)
 *   NOISY_SHARE  0–1, the noisy tenant's share of all requests (0.7); phases may change it
 *
 * Other variables: support/order-platform.ts, support/order-mix.ts.
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/noisy-tenant.ts
 */
import { numeric, numericSetting } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { arrivals, layOut } from './support/profile.ts';
import { below } from './support/random.ts';
import { random } from './support/vu-random.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 200, 200]), maxVUs: 200 }) },
};

const tenants = numeric('TENANTS', 8, 1, 10_000);
const mix = orderMix();

export default function () {
  if (random() < numericSetting('NOISY_SHARE', 0.7, 0, 1)) mix.quote({ name: 'noisy-quote', tenant: 'noisy' });
  else mix.quote({ tenant: `tenant-${1 + below(tenants, random)}` });
}
