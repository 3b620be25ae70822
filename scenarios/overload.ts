/**
 * Overload: quotes only, from clients that wait no longer than a second and do not try again, at more than the platform can
 * do. What counts is how much of it is still answered well, and how the rest is refused.
 *
 *   LINES            lines of each quote (3)
 *   REQUEST_TIMEOUT  when a client gives up (1s)
 *
 * Other variables: support/order-platform.ts.
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 scenarios/overload.ts
 */
import { numeric } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { platformsFromEnv } from './support/order-platform.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: {
    load: arrivals({
      phases: layOut(['peak', 15, 150, 150], ['overload', 15, 400, 400], ['recovery', 15, 80, 80]),
      maxVUs: 450,
    }),
  },
};

const mix = orderMix(platformsFromEnv({ timeout: '1s' }), {
  payload: `fixed:${numeric('LINES', 3, 1, 100)}`,
});

export default function () {
  mix.quote();
}
