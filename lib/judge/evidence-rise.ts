import type { CounterSample } from '../observe/observations.ts';

/** When a fault was in force, milliseconds since the load's start. */
export interface InForce {
  readonly injectedMs: number;
  readonly removedMs: number;
}

/** Counters are scraped once a second: what the fault did may be seen this much after it. */
export const FELT_UNTIL_MS = 1_500;

/**
 * By how much the counter rose while the fault was in force: between the last sample before it (or else the first one
 * in it) and the last one up to 1.5 s after it. As in Prometheus' `increase`, a fall is a restart from 0. Undefined when
 * fewer than two samples are there to compare.
 */
export function evidenceRise(samples: readonly CounterSample[] | undefined, force: InForce): number | undefined {
  const sorted = (samples ?? []).toSorted((a, b) => a.atMs - b.atMs);
  const before = sorted.findLast(({ atMs }) => atMs <= force.injectedMs);
  const inForce = sorted.filter(({ atMs }) => atMs > force.injectedMs && atMs <= force.removedMs + FELT_UNTIL_MS);
  const [first, ...rest] = before === undefined ? inForce : [before, ...inForce];
  if (first === undefined || rest.length === 0) return undefined;
  let rise = 0;
  let previous = first.value;
  for (const { value } of rest) {
    rise += value >= previous ? value - previous : value;
    previous = value;
  }
  return rise;
}
