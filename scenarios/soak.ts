/**
 * A soak: the clients of peak-load.ts at a steady rate for a long time, to see memory, CPU a request and latency stay
 * what they are. Same variables. Under plain k6 add --no-thresholds --summary-mode=disabled, or k6 itself grows.
 *
 *   SOAK_MINUTES  how long, under plain k6 (10)
 *
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/soak.ts
 */
import { numeric } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: {
    load: arrivals({
      phases: layOut(['warm-up', 30, 20, 100], ['steady', numeric('SOAK_MINUTES', 10, 1, 10_080) * 60, 100, 100]),
      maxVUs: 200,
    }),
  },
};

const mix = orderMix();

export const setup = () => mix.seed();

export default function () {
  return mix.iteration();
}
