import { sleep } from 'k6';
import type { OrderPlatform } from './order-platform.ts';

const BATCH = 50;
const BATCH_SECONDS = 0.25;

/**
 * For a scenario's `setup()`: gives the first `accounts` customers one ledger entry each, at most 200 a second and one
 * minute long, and tells how many there are. Repeating it changes nothing (the keys are the same).
 */
export function seedAccounts(platform: OrderPlatform, accounts: number): number {
  const deadlineMs = Date.now() + 60_000;
  let seeded = 0;
  for (let index = 0; index < accounts && Date.now() < deadlineMs; index += 1) {
    if (platform.appendEntry(`seed-${index}`, `customer-${index}`, 1_000, { name: 'seed' }) !== undefined) seeded += 1;
    if (index % BATCH === BATCH - 1) sleep(BATCH_SECONDS);
  }
  return seeded;
}
