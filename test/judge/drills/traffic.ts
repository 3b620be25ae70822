import type { Attempt } from '../../../lib/observe/observations.ts';

/** Calls at an even rate on an edge, in a stretch of time. */
export function calls(
  edge: string,
  fromMs: number,
  toMs: number,
  perSecond = 50,
  operation = '/cutover.v1.Pricing/Quote',
): readonly Attempt[] {
  const amount = Math.round(((toMs - fromMs) * perSecond) / 1_000);
  return Array.from({ length: amount }, (_, index): Attempt => {
    const startMs = fromMs + (index * 1_000) / perSecond;
    return { edge, operation, startMs, endMs: startMs + 5, outcome: 'answered', status: 0 };
  });
}
