/**
 * Peak load on the order platform: an open stream of independent clients, each doing one thing: half ask for a quote, the
 * rest place orders, write to the ledger, read from it, or list an account; one half over HTTP/JSON, the other over gRPC.
 *
 * Variables: see support/order-platform.ts (where and how) and support/order-mix.ts (what and with which data); SEED (1).
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/peak-load.ts
 */
import { orderMix } from './support/order-mix.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: {
    load: arrivals({
      phases: layOut(['warm-up', 5, 50, 50], ['ramp', 10, 50, 200], ['steady', 30, 200, 200], ['recovery', 5, 50, 50]),
      maxVUs: 200,
    }),
  },
};

const mix = orderMix();

export const setup = () => mix.seed();

export default function () {
  return mix.iteration();
}
