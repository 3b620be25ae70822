/**
 * Real data are not even: a few goods and customers are asked for most of the time, and some baskets are very large. Two
 * thirds quotes, one third ledger writes; the phases of an experiment change the distributions at an equal rate.
 *
 * KEYS, ACCOUNTS, PAYLOAD: see support/order-mix.ts; under plain k6 they hold for the whole run (zipf:1.1 each).
 * A user's own goods: KEYS_FILE=skus.csv (or .json), KEYS_COLUMN=sku; KEYS then says how they are drawn.
 *
 * Plain k6: k6 run -e HTTP_URL=http://127.0.0.1:8080 -e GRPC_ADDRESS=127.0.0.1:8081 -e KEYS=hot:0.5 scenarios/data-skew.ts
 */
import { SharedArray } from 'k6/data';
import { optional } from './support/env.ts';
import { orderMix } from './support/order-mix.ts';
import { platformsFromEnv } from './support/order-platform.ts';
import { readKeys } from './support/own-keys.ts';
import { arrivals, layOut } from './support/profile.ts';

export const options = {
  scenarios: { load: arrivals({ phases: layOut(['steady', 30, 100, 100]), maxVUs: 200 }) },
};

const file = optional('KEYS_FILE', '');
const own =
  file === '' ? undefined : new SharedArray('keys', () => readKeys(open(file), file, optional('KEYS_COLUMN', '')));

const mix = orderMix(platformsFromEnv(), {
  mix: 'quote=2,append=1',
  ...(own === undefined ? {} : { skus: own }),
});

export const setup = () => mix.seed();

export default function () {
  return mix.iteration();
}
