/**
 * Breakpoint: the clients of peak-load.ts at a rate that rises until the platform breaks. Same variables.
 * `cutover capacity` finds the point itself, with each rate held long enough to be judged; this shows how it breaks.
 *
 *   MOST  the rate a second that the ramp ends with, under plain k6 (1000)
 *
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/breakpoint.ts
 * It stops itself when more than 5 % of the HTTP requests fail, or when answers take so long that no virtual user is free.
 */
import { numeric } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { arrivals, layOut } from './support/profile.ts';

const most = numeric('MOST', 1_000, 20, 100_000);

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['warm-up', 5, 20, 20], ['ramp', 120, 20, most]), maxVUs: 500 }) },
  thresholds: {
    http_req_failed: [{ threshold: 'rate<0.05', abortOnFail: true, delayAbortEval: '10s' }],
    dropped_iterations: [{ threshold: 'count<100', abortOnFail: true }],
  },
};

const mix = orderMix();

export const setup = () => mix.seed();

export default function () {
  return mix.iteration();
}
