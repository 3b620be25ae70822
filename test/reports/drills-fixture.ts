import type { Check, DrillResult, Outcome, Window } from '../../reports/model/verdict.ts';
import { noise } from './series.ts';

/** Drills as three callers would answer them: one keeps to its contract, one does not, and of one too little was seen. */

const BIN_MS = 100;
const PER_SECOND = 60;

type Arrivals = NonNullable<DrillResult['arrivals']>;

export interface DrillFixture {
  readonly drills: readonly DrillResult[];
  readonly checks: readonly Check[];
  /** Each step is a phase of the load. */
  readonly phases: readonly Window[];
  readonly faults: readonly Window[];
}

/** One after the other from `startMs` on. */
export function drillFixture(startMs: number): DrillFixture {
  const breaker = pricingBreaker(startMs);
  const retries = ledgerRetries(breaker.drill.endMs);
  const dense = ledgerBreaker(retries.drill.endMs);
  const all = [breaker, retries, dense];
  return {
    drills: all.map(({ drill }) => drill),
    checks: all.flatMap(({ checks }) => checks),
    phases: all.flatMap(({ drill }) =>
      drill.steps.map((step) => ({ ...step, name: `${drill.name}-${step.name}`, detail: `${PER_SECOND}/s` })),
    ),
    faults: all.flatMap(({ faults }) => faults),
  };
}

interface One {
  readonly drill: DrillResult;
  readonly checks: readonly Check[];
  readonly faults: readonly Window[];
}

/** Opens after five failures, probes every 2 s, closes with the first probe that is answered. */
function pricingBreaker(startMs: number): One {
  const steps = laidOut(startMs, [
    ['below', 4_000, '4 of each 10 calls fail with UNAVAILABLE'],
    ['client-errors', 2_000, 'every call fails with INVALID_ARGUMENT'],
    ['slow', 4_000, 'calls take 400 ms longer'],
    ['settle', 1_500],
    ['failing', 7_000, 'every call fails with UNAVAILABLE'],
    ['hanging', 7_500, 'no call is answered'],
    ['healed', 6_500],
  ]);
  const [below, clientErrors, slow, settle, failing, hanging, healed] = steps as unknown as Seven;
  const bins = emptyBins(steps);
  const opened = failing.startMs + 90;
  const probes = [2_090, 4_090, 6_090].map((ms) => failing.startMs + ms);
  const hung = [8_090, 10_590, 13_090].map((ms) => failing.startMs + ms);
  const closed = failing.startMs + 15_590;
  steady(bins, startMs, below, { answered: 0.6, failed: 0.4 });
  steady(bins, startMs, clientErrors, { failed: 1 });
  steady(bins, startMs, { startMs: slow.startMs, endMs: settle.endMs }, { answered: 1 });
  steady(bins, startMs, { startMs: failing.startMs, endMs: opened }, { failed: 1 });
  for (const atMs of probes) count(bins.failed, startMs, atMs, 1);
  for (const atMs of hung) count(bins.canceled, startMs, atMs, 1);
  steady(bins, startMs, { startMs: closed, endMs: healed.endMs }, { answered: 1 });
  const drill: DrillResult = {
    name: 'breaker',
    kind: 'circuit-breaker',
    edge: 'orders-pricing',
    protocol: 'grpc',
    contract:
      'opens after 5 failures in a row, stays open for 2s, then lets 1 through at a time; calls give up after 500ms; while open it falls back',
    ...wholeOf(steps),
    steps,
    binMs: BIN_MS,
    arrivals: bins,
    details: [],
    marks: [
      { atMs: opened, text: 'opened after 90 ms' },
      ...probes.map((atMs) => ({ atMs, text: 'probe' })),
      ...hung.map((atMs) => ({ atMs, text: 'probe hangs' })),
      { atMs: closed, text: 'closed' },
    ],
    checks: [],
  };
  const list: readonly Told[] = [
    [
      'BRK-1',
      'opens',
      'pass',
      '≤ 35 calls leak, then ≤ 1 %',
      '5 leaked, then 0.72 %',
      'it opened 90 ms after the first failure',
      838,
    ],
    [
      'BRK-2',
      'fails fast',
      'pass',
      '≥ 99 % in < 10 ms, ≥ 99.9 % as declared',
      '99.9 %, 100 %',
      '833 of 834 requests were answered from the fallback in under 10 ms',
      834,
    ],
    [
      'BRK-3',
      'holds',
      'pass',
      'no call for 2 s',
      'first probe after 2 s',
      'no call arrived before the open time was over',
      6,
    ],
    [
      'BRK-4',
      'half-open',
      'pass',
      '≤ 1 probe at a time',
      '1 at a time, 3 hung',
      'a probe that hung was given up after 500 ms, and the next one came',
      3,
    ],
    [
      'BRK-5',
      'recovers',
      'pass',
      '≥ 99 % by heal + 2.5 s',
      '100 % from 1.09 s on',
      'it closed with the first probe that was answered',
      324,
    ],
    [
      'BRK-6',
      'stays closed',
      'pass',
      'never open',
      'never open',
      'neither rows of 4 failures nor 120 client errors opened it',
      360,
    ],
    ['BRK-7', 'contains', 'pass', 'p99 of the others ≤ 110 %', '103 %', 'order-get: 1.12 ms → 1.15 ms', 480],
  ];
  return {
    ...withChecks(drill, list),
    faults: [
      fault('breaker-below-orders-pricing', below, 'orders-pricing: 4 of each 10 calls fail with UNAVAILABLE'),
      fault(
        'breaker-client-errors-orders-pricing',
        clientErrors,
        'orders-pricing: every call fails with INVALID_ARGUMENT',
      ),
      fault('breaker-slow-orders-pricing', slow, 'orders-pricing: calls take 400 ms longer'),
      fault('breaker-failing-orders-pricing', failing, 'orders-pricing: every call fails with UNAVAILABLE'),
      fault(
        'breaker-hanging-orders-pricing',
        { ...hanging, startMs: hanging.startMs - 200 },
        'orders-pricing: no call is answered',
      ),
    ],
  };
}

/** Each request becomes 2.4 calls in the outage, and after it all come back at once, again and again. */
function ledgerRetries(startMs: number): One {
  const steps = laidOut(startMs, [
    ['before', 3_000],
    ['outage', 5_000, 'every call fails with 503'],
    ['healed', 8_000],
  ]);
  const [before, outage, healed] = steps as unknown as Three;
  const bins = emptyBins(steps);
  steady(bins, startMs, before, { answered: 1 });
  steady(bins, startMs, outage, { failed: 2.4 });
  steady(bins, startMs, healed, { answered: 1 });
  for (const [index, calls] of [52, 31, 14, 6].entries()) {
    count(bins.answered, startMs, healed.startMs + 1_000 * index + 50, Math.round(calls * 0.7));
    count(bins.canceled, startMs, healed.startMs + 1_000 * index + 50, Math.round(calls * 0.3));
  }
  const drill: DrillResult = {
    name: 'retry',
    kind: 'retry',
    edge: 'orders-ledger',
    protocol: 'http',
    contract: 'in an outage of 5s at most 110% of the usual calls, spread over time',
    ...wholeOf(steps),
    steps,
    binMs: BIN_MS,
    arrivals: bins,
    details: [],
    marks: [{ atMs: healed.startMs, text: 'well again' }],
    checks: [],
  };
  const list: readonly Told[] = [
    [
      'RTY-1',
      'no retry storm',
      'fail',
      '≤ 110 % of the usual calls',
      '240 %, 720 calls',
      '720 calls for 300 requests in the outage, 330 allowed',
      720,
    ],
    [
      'RTY-2',
      'retries are spread',
      'fail',
      'peak ≤ 2 × mean',
      '8.2 × mean',
      '58 calls in one 100 ms bin right after the outage; the mean is 7.1',
      583,
    ],
  ];
  return {
    ...withChecks(drill, list),
    faults: [fault('retry-outage-orders-ledger', outage, 'orders-ledger: every call fails with 503')],
  };
}

/** An open time so short that probes come close together; too few calls for a verdict. */
function ledgerBreaker(startMs: number): One {
  const steps = laidOut(startMs, [
    ['failing', 4_000, 'every call fails with 503'],
    ['hanging', 4_000, 'no call is answered'],
    ['healed', 5_000],
  ]);
  const [failing, hanging, healed] = steps as unknown as Three;
  const bins = emptyBins(steps);
  const probes = Array.from({ length: 22 }, (_, index) => failing.startMs + 390 + 300 * index);
  const closed = healed.startMs + 130;
  steady(bins, startMs, { startMs: failing.startMs, endMs: failing.startMs + 90 }, { failed: 1 });
  for (const atMs of probes) count(atMs < hanging.startMs ? bins.failed : bins.canceled, startMs, atMs, 1);
  steady(bins, startMs, { startMs: closed, endMs: healed.endMs }, { answered: 0.4 });
  const drill: DrillResult = {
    name: 'breaker-ledger',
    kind: 'circuit-breaker',
    edge: 'orders-ledger',
    protocol: 'http',
    contract:
      'opens after 1 failure in a row, stays open for 200ms, then lets 1 through at a time; calls give up after 100ms; while open it refuses',
    ...wholeOf(steps),
    steps,
    binMs: BIN_MS,
    arrivals: bins,
    details: [],
    marks: [
      { atMs: failing.startMs + 90, text: 'opened after 90 ms' },
      ...probes.map((atMs) => ({ atMs, text: atMs < hanging.startMs ? 'probe' : 'probe hangs' })),
      { atMs: closed, text: 'closed' },
    ],
    checks: [],
  };
  const list: readonly Told[] = [
    [
      'BRK-1',
      'opens',
      'pass',
      '≤ 7 calls leak, then ≤ 1 %',
      '5 leaked, then 0.9 %',
      'it opened 90 ms after the first failure',
      240,
    ],
    [
      'BRK-2',
      'fails fast',
      'inconclusive',
      '≥ 99 % in < 10 ms, ≥ 99.9 % as declared',
      '98.7 – 99.4 %, 100 %',
      'the limit lies within the width of one histogram bucket',
      214,
    ],
    [
      'BRK-5',
      'recovers',
      'pass',
      '≥ 99 % by heal + 300 ms',
      '100 % from 130 ms on',
      'it closed with the first probe that was answered',
      117,
    ],
  ];
  return {
    ...withChecks(drill, list),
    faults: [
      fault('breaker-ledger-failing-orders-ledger', failing, 'orders-ledger: every call fails with 503'),
      fault(
        'breaker-ledger-hanging-orders-ledger',
        { ...hanging, startMs: hanging.startMs - 200 },
        'orders-ledger: no call is answered',
      ),
    ],
  };
}

type Three = readonly [Window, Window, Window];
type Seven = readonly [...Three, ...Three, Window];
type Told = readonly [
  catalogue: string,
  title: string,
  outcome: Outcome,
  limit: string,
  measured: string,
  reason: string,
  events: number,
];

function withChecks(
  drill: DrillResult,
  list: readonly Told[],
): { readonly drill: DrillResult; readonly checks: Check[] } {
  const { name, edge, protocol } = drill;
  const checks = list.map(([catalogue, title, outcome, limit, measured, reason, events]): Check => ({
    id: `drill:${name}:${edge}:${catalogue}`,
    title: `${name} on ${edge}: ${title}`,
    kind: 'drill',
    catalogue,
    outcome,
    reason,
    protocol,
    drill: name,
    edge,
    limit,
    measured,
    events,
    evidence: {},
  }));
  return { drill: { ...drill, checks: checks.map(({ id }) => id) }, checks };
}

function laidOut(startMs: number, list: readonly (readonly [step: string, ms: number, detail?: string])[]): Window[] {
  let atMs = startMs;
  return list.map(([step, ms, detail = 'no fault']) => {
    const window = { name: step, startMs: atMs, endMs: atMs + ms, detail };
    atMs = window.endMs;
    return window;
  });
}

function wholeOf(steps: readonly Window[]): { readonly startMs: number; readonly endMs: number } {
  return { startMs: steps[0]?.startMs ?? 0, endMs: steps.at(-1)?.endMs ?? 0 };
}

function emptyBins(steps: readonly Window[]): Arrivals {
  const { startMs, endMs } = wholeOf(steps);
  const zeros = () => Array<number>(Math.ceil((endMs - startMs) / BIN_MS)).fill(0);
  return { answered: zeros(), failed: zeros(), canceled: zeros() };
}

function count(bins: number[], startMs: number, atMs: number, amount: number): void {
  const bin = Math.floor((atMs - startMs) / BIN_MS);
  bins[bin] = (bins[bin] ?? 0) + amount;
}

/** The load's usual rate times the shares, not quite evenly spread. */
function steady(
  bins: Arrivals,
  startMs: number,
  window: Pick<Window, 'startMs' | 'endMs'>,
  shares: Partial<Record<keyof Arrivals, number>>,
): void {
  const random = noise(window.startMs);
  for (const kind of ['answered', 'failed', 'canceled'] as const) {
    const perSecond = PER_SECOND * (shares[kind] ?? 0);
    const amount = Math.round(((window.endMs - window.startMs) / 1_000) * perSecond);
    for (let index = 0; index < amount; index++) {
      const late = (index + random()) / amount;
      count(bins[kind], startMs, window.startMs + late * (window.endMs - window.startMs), 1);
    }
  }
}

function fault(name: string, { startMs, endMs }: Pick<Window, 'startMs' | 'endMs'>, detail: string): Window {
  return { name, startMs, endMs, detail };
}
