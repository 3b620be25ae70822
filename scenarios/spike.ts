/**
 * A spike: the load of peak-load.ts jumps to five times its rate from one second to the next, and back. Same variables.
 *
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/spike.ts
 */
import { orderMix } from './support/order-mix.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: {
    load: arrivals({
      phases: layOut(['steady', 15, 60, 60], ['spike', 6, 300, 300], ['recovery', 15, 60, 60]),
      maxVUs: 300,
    }),
  },
};

const mix = orderMix();

export const setup = () => mix.seed();

export default function () {
  return mix.iteration();
}
