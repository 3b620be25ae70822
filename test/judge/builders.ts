import type {
  EdgeProbe,
  FaultObservation,
  Histogram,
  Observations,
  OperationWindow,
  Second,
} from '../../lib/observe/observations.ts';
import { isServiceFault, targetOf } from '../../chaos/faults/fault.ts';
import { probeOf } from '../../chaos/faults/kinds.ts';
import type { LatencyFault } from '../../chaos/faults/latency.ts';
import type { Drill, Fault, Phase, Plan } from '../../lib/plan/plan.ts';
import { budgetSchema } from '../../lib/plan/schema/budgets.ts';
import type { Budget } from '../../lib/plan/schema/budgets.ts';

/** k6's resolution: 8 buckets per power of two. */
const SCHEMA = 3;

/** A histogram of durations in milliseconds, counted bucket by bucket as Prometheus defines it. */
export function histogramOf(durationsMs: readonly number[], schema = SCHEMA): Histogram {
  const counts = new Map<number, number>();
  for (const ms of durationsMs) {
    const index = Math.ceil(Math.log2(ms / 1_000) * 2 ** schema);
    counts.set(index, (counts.get(index) ?? 0) + 1);
  }
  return {
    schema,
    zeroThreshold: 2 ** -128,
    zeroCount: 0,
    count: durationsMs.length,
    sum: durationsMs.reduce((sum, ms) => sum + ms / 1_000, 0),
    buckets: [...counts].toSorted(([a], [b]) => a - b),
  };
}

export function times<Value>(amount: number, value: Value): Value[] {
  return Array.from({ length: amount }, () => value);
}

export function operation(parts: {
  readonly operation?: string;
  readonly protocol?: OperationWindow['protocol'];
  readonly phase?: string;
  readonly okMs?: readonly number[];
  readonly failedMs?: readonly number[];
  readonly rejected?: number;
  readonly within?: OperationWindow['within'];
  /** Resolution of the histograms; default: k6's. */
  readonly schema?: number;
}): OperationWindow {
  return {
    operation: parts.operation ?? 'quote',
    protocol: parts.protocol ?? 'http',
    phase: parts.phase ?? 'steady',
    succeeded: histogramOf(parts.okMs ?? [], parts.schema),
    failed: histogramOf(parts.failedMs ?? [], parts.schema),
    rejected: parts.rejected ?? 0,
    ...(parts.within === undefined ? {} : { within: parts.within }),
  };
}

/** One quiet second; what a test is about is given. */
export function second(parts: Partial<Second> = {}): Second {
  return {
    t: 0,
    phase: 'steady',
    offered: 0,
    iterations: 0,
    dropped: 0,
    exceptions: 0,
    busyVus: 0,
    startLag: histogramOf([]),
    operations: [],
    runtimes: [],
    resources: [],
    ...parts,
  };
}

/** Budgets as a user writes them, parsed as the plan phase does. */
export function budgets(...inputs: readonly object[]): Budget[] {
  return inputs.map((input) => budgetSchema.parse(input));
}

export function budget<Kind extends Budget['kind']>(input: {
  readonly kind: Kind;
  readonly [field: string]: unknown;
}): Extract<Budget, { kind: Kind }> {
  return budgetSchema.parse(input) as Extract<Budget, { kind: Kind }>;
}

/** Phases one after the other: name, seconds, arrivals a second. */
export function phases(...list: readonly (readonly [name: string, seconds: number, perSecond: number])[]): Phase[] {
  let startMs = 0;
  return list.map(([name, seconds, perSecond]) => {
    const endMs = startMs + seconds * 1_000;
    const phase = { name, startMs, endMs, fromPerSecond: perSecond, toPerSecond: perSecond };
    startMs = endMs;
    return phase;
  });
}

export const DELAY: LatencyFault = {
  name: 'slow-engine',
  edge: 'orders-pricing',
  kind: 'latency',
  direction: 'replies',
  connections: 1,
  latencyMs: 200,
  jitterMs: 0,
  startMs: 15_000,
  endMs: 25_000,
};

export const CUT: Fault = { name: 'cut', edge: 'orders-pricing', kind: 'down', startMs: 15_000, endMs: 25_000 };

/** 5 s warm-up, 10 s steady, 10 s fault, 10 s recovery at 100/s. */
export function planOf(parts: {
  readonly budgets?: readonly Budget[];
  readonly faults?: readonly Fault[];
  readonly drills?: readonly Drill[];
  readonly phases?: readonly Phase[];
  readonly evidence?: boolean;
}): Plan {
  const evidence = { service: 'monolith', metric: 'fallbacks_total', labels: {} };
  const service = { url: 'http://127.0.0.1:1' };
  return {
    version: 1,
    experiment: 'example',
    description: 'an example',
    seed: 7,
    root: '/',
    system: {
      services: { monolith: service, engine: service },
      edges: {
        'orders-pricing': {
          from: 'monolith',
          to: 'engine.grpc',
          protocol: 'grpc',
          tap: { side: 'callee' },
          ...(parts.evidence === true ? { evidence } : {}),
        },
      },
    },
    traffic: {},
    load: {
      scenario: '/scenario.ts',
      env: {},
      phases:
        parts.phases ?? phases(['warm-up', 5, 100], ['steady', 10, 100], ['fault', 10, 100], ['recovery', 10, 100]),
      steady: 'steady',
      maxVUs: 200,
      recordWrites: false,
    },
    faults: parts.faults ?? [],
    drills: parts.drills ?? [],
    budgets: parts.budgets ?? [],
  };
}

/** What a healthy run of the plan looks like: every arrival answered in 5 ms, everything seen. */
export function healthy(plan: Plan, change: (second: Second) => Second = (same) => same): Observations {
  const end = (plan.load.phases.at(-1)?.endMs ?? 0) / 1_000;
  const seconds = Array.from({ length: Math.ceil(end) }, (_, t) => {
    const phase = plan.load.phases.find(({ startMs, endMs }) => startMs <= t * 1_000 && t * 1_000 < endMs);
    const rate = phase?.fromPerSecond ?? 0;
    const name = phase?.name ?? '';
    return change(
      second({
        t,
        phase: name,
        offered: rate,
        iterations: rate,
        busyVus: rate * 0.005,
        startLag: histogramOf(times(rate, 0.5)),
        operations: [operation({ phase: name, okMs: times(rate, 5) })],
        resources: [
          { source: 'monolith', role: 'service', cpuCores: 0.5, rssBytes: 64 * 1024 ** 2 },
          { source: 'k6', role: 'generator', cpuCores: 0.2, rssBytes: 128 * 1024 ** 2 },
          { source: 'machine', role: 'machine', cpuCores: 1, rssBytes: 0 },
        ],
      }),
    );
  });
  return {
    startEpochMs: 1_800_000_000_000,
    loadEndMs: end * 1_000,
    phases: plan.load.phases,
    seconds,
    generator: {
      exit: { code: 0, signal: null },
      pushesMs: Array.from({ length: Math.ceil(end) }, (_, t) => (t + 1) * 1_000),
      maxVUs: plan.load.maxVUs,
      cpus: 2,
      clockStepMs: 0,
    },
    attempts: [],
    drills: [],
    switches: [],
    faults: plan.faults.map((fault) => seen(fault)),
    incidents: [],
  };
}

/** A fault that was in force as planned, and whose edge or service showed it. */
export function seen(fault: Fault, parts: Partial<FaultObservation> = {}): FaultObservation {
  const { name, kind, startMs, endMs } = fault;
  const byRoundTrips = probeOf(fault) !== undefined;
  return {
    name,
    kind,
    target: targetOf(fault),
    injectedMs: startMs,
    removedMs: endMs,
    probes: byRoundTrips && !isServiceFault(fault) ? roundTrips(fault) : [],
    signs: byRoundTrips ? [] : [{ atMs: startMs + 100, seen: true, detail: 'it was there' }],
    evidence: [
      { atMs: startMs - 500, value: 3 },
      { atMs: startMs + 500, value: 40 },
    ],
    ...parts,
  };
}

function roundTrips(fault: Fault): EdgeProbe[] {
  const { startMs, endMs } = fault;
  const well = (when: EdgeProbe['when'], atMs: number): EdgeProbe => ({ atMs, when, roundTripMs: 1, error: undefined });
  const delayMs = fault.kind === 'latency' ? fault.latencyMs : fault.kind === 'slow-close' ? fault.delayMs : undefined;
  return [
    well('before', startMs - 100),
    delayMs === undefined
      ? { atMs: startMs + 100, when: 'during', roundTripMs: undefined, error: 'refused' }
      : { atMs: startMs + 100, when: 'during', roundTripMs: delayMs + 1, error: undefined },
    ...(fault.kind === 'flapping' ? [well('during', startMs + 300)] : []),
    well('after', endMs + 100),
  ];
}

/** Changes the seconds in [from, to). */
export function between(from: number, to: number, change: Partial<Second>): (second: Second) => Second {
  return (same) => (same.t >= from && same.t < to ? { ...same, ...change } : same);
}
