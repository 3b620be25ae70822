import type { Timeline, Window } from '../../reports/model/verdict.ts';

/** Realistic seconds of a run, the same ones every time. */

/** A fixed sequence of numbers in [0, 1) (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Shape {
  readonly seconds: number;
  readonly phases: readonly Window[];
  readonly faults: readonly Window[];
  /** Operations with their usual median, milliseconds. */
  readonly operations: Readonly<Record<string, number>>;
  /** The operation that feels the faults: its p99 in them, and failures a second in the first two seconds. */
  readonly hit?: { readonly operation: string; readonly p99Ms: number; readonly failures: number };
}

/** The rate in a phase is what its detail says: "120/s", or "40/s → 200/s" for a ramp. */
export function offeredAt(phases: readonly Window[], t: number): number {
  const phase = phases.find(({ startMs, endMs }) => t * 1_000 >= startMs && t * 1_000 < endMs);
  if (phase === undefined) return 0;
  const [from = 0, to = from] = [...phase.detail.matchAll(/(\d+)\/s/g)].map(([, rate]) => Number(rate));
  return Math.round(from + ((to - from) * (t * 1_000 - phase.startMs)) / (phase.endMs - phase.startMs));
}

export function timelineOf({ seconds, phases, faults, operations, hit }: Shape): Timeline {
  const random = noise(7);
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  const t = Array.from({ length: seconds }, (_, index) => index);
  const faultAge = (second: number) =>
    faults
      .map(({ startMs, endMs }) =>
        second * 1_000 >= startMs && second * 1_000 < endMs ? second - startMs / 1_000 : -1,
      )
      .find((age) => age >= 0);
  const offered = t.map((second) => offeredAt(phases, second));
  const latency = Object.entries(operations).map(([name, median]) => {
    const quantile = (factor: number, spread: number) =>
      t.map((second) => {
        const usual = median * factor * (1 + spread * random());
        return round(
          hit?.operation === name && factor > 2 && faultAge(second) !== undefined
            ? hit.p99Ms * (0.9 + 0.2 * random())
            : usual,
        );
      });
    return [name, { p50: quantile(1, 0.15), p95: quantile(1.8, 0.3), p99: quantile(2.6, 0.6) }] as const;
  });
  const errors = Object.keys(operations).map(
    (name) =>
      [
        name,
        t.map((second) =>
          hit?.operation === name && (faultAge(second) ?? 9) < 2
            ? Math.round(hit.failures * (0.8 + 0.4 * random()))
            : 0,
        ),
      ] as const,
  );
  const cpu = (share: number, least: number) =>
    t.map((second) => round(least + (offered[second] ?? 0) * share * (0.9 + 0.2 * random())));
  const memory = (start: number, growth: number) =>
    t.map((second) => Math.round((start + growth * second + random()) * 1024 ** 2));
  const [engine, monolith, k6] = [cpu(0.0016, 0.01), cpu(0.0028, 0.02), cpu(0.002, 0.03)];
  return {
    t,
    load: { offered, achieved: offered.map((rate) => rate - (random() < 0.15 ? 1 : 0)), dropped: t.map(() => 0) },
    latency: Object.fromEntries(latency),
    errors: Object.fromEntries(errors),
    cpu: {
      engine,
      k6,
      machine: t.map((second) => round(0.1 + (engine[second] ?? 0) + (monolith[second] ?? 0) + (k6[second] ?? 0))),
      monolith,
      toxiproxy: cpu(0.0006, 0.005),
    },
    heap: { monolith: memory(12, 0.05) },
    gcPause: { monolith: t.map((second) => (second % 3 === 0 ? round(0.2 + 0.4 * random()) : 0)) },
    startLag: t.map(() => round(0.4 + 0.8 * random())),
    memory: { engine: memory(21, 0.04), k6: memory(148, 0.9), monolith: memory(43, 0.12), toxiproxy: memory(17, 0.02) },
  };
}
