import { isAmongOperations } from '../faults/operations.ts';
import { seededFraction } from '../seeded.ts';
import type { TapRule } from './rule.ts';

/** Whether the rule is about this operation at all. */
export function matchesOperation({ operations }: Pick<TapRule, 'operations'>, operation: string): boolean {
  return isAmongOperations(operation, operations);
}

/** Whether the rule acts on its `number`-th matching request (from 0), in the order of arrival. */
export function actsOn({ first, pattern, share, seed }: TapRule, number: number): boolean {
  if (first !== undefined) return number < first;
  if (pattern !== undefined) return number % pattern.of < pattern.count;
  if (share !== undefined) return seededFraction(seed, `share ${number}`) < share;
  return true;
}

/** How long the `number`-th matching request is held up: uniform in `delayMs` ± `jitterMs`, never below 0. */
export function delayOf(
  seed: number,
  { delayMs, jitterMs }: { readonly delayMs: number; readonly jitterMs: number },
  number: number,
): number {
  return Math.max(0, delayMs + jitterMs * (2 * seededFraction(seed, `jitter ${number}`) - 1));
}
