import { sleep } from 'k6';
import type { OrderPlatform } from './order-platform.ts';

const BATCH = 50;
const BATCH_SECONDS = 0.25;
/** Half of k6's own limit for `setup()`. */
const MOST_SECONDS = 30;
/** What the bounds of rate and time let through. */
export const MOST_SEEDED = (MOST_SECONDS / BATCH_SECONDS) * BATCH;

/**
 * For a scenario's `setup()`: gives the first `accounts` customers one ledger entry each, at most 200 a second and for half a
 * minute, and returns how many have one. Repeating it changes nothing (the keys are the same).
 */
export function seedAccounts(platform: () => OrderPlatform, accounts: number): number {
  const deadlineMs = Date.now() + MOST_SECONDS * 1_000;
  let seeded = 0;
  for (let index = 0; index < accounts && Date.now() < deadlineMs; index += 1) {
    if (platform().appendEntry(`seed-${index}`, `customer-${index}`, 1_000, { name: 'seed' }) !== undefined)
      seeded += 1;
    if (index % BATCH === BATCH - 1) sleep(BATCH_SECONDS);
  }
  return seeded;
}
