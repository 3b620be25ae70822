import type { Second } from '../observe/observations.ts';
import { sum } from './tally.ts';

/** From this share of `maxVUs` on, a dropped iteration is due to slow responses. */
const BUSY_SHARE = 0.8;
/** Iterations are placed by when they ended and were pushed: their drops may lie this many seconds away. */
const SMEAR_SECONDS = 2;
/** GEN-1 allows 1 % of the arrivals to be missing: they must not add up to busy virtual users. */
const KNOWN_SHARE = 0.99;

/**
 * Splits the dropped iterations into those that slow responses explain and the rest. A drop is explained when within
 * ± 2 s at least 80 % of `maxVUs` were busy, told in either of two ways:
 *
 * - the durations of the iterations that ended (`busyVus`, Little's law), which is late when responses hang;
 * - arrivals that were neither dropped nor have ended yet, added up second by second, never below 0: what a hanging
 *   system holds. One in a hundred is taken off, so that arrivals that were never sent do not add up.
 */
export function explainDrops(
  seconds: readonly Second[],
  maxVUs: number,
): { readonly total: number; readonly unexplained: number } {
  const sorted = seconds.toSorted((a, b) => a.t - b.t);
  const busyAt = new Map<number, number>();
  let held = 0;
  for (const { t, offered, dropped, iterations, busyVus } of sorted) {
    held = Math.min(maxVUs, Math.max(0, held + (offered - dropped) * KNOWN_SHARE - iterations));
    busyAt.set(t, Math.max(held, busyVus));
  }
  const isExplained = ({ t }: Second): boolean => {
    const around = Array.from({ length: 2 * SMEAR_SECONDS + 1 }, (_, index) => t - SMEAR_SECONDS + index);
    return around.some((at) => (busyAt.get(at) ?? 0) >= BUSY_SHARE * maxVUs);
  };
  const withDrops = sorted.filter(({ dropped }) => dropped > 0);
  return {
    total: sum(withDrops, ({ dropped }) => dropped),
    unexplained: sum(
      withDrops.filter((second) => !isExplained(second)),
      ({ dropped }) => dropped,
    ),
  };
}
