/**
 * Quotes of a fixed number of lines, and nothing else: each costs a known number of calls between services, so that a
 * delay of the network can be told apart from what the services add to it.
 *
 *   LINES  lines of each quote (5)
 *
 * Other variables: support/order-platform.ts, and KEYS and ACCOUNTS of support/order-mix.ts.
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/latency.ts
 */
import { numeric } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { platformsFromEnv } from './support/order-platform.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 100, 100]), maxVUs: 200 }) },
};

const mix = orderMix(platformsFromEnv(), { payload: `fixed:${numeric('LINES', 5, 1, 100)}` });

export default function () {
  mix.quote();
}
