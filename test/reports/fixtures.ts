import type { Check, Operation, Verdict, Window } from '../../reports/model/verdict.ts';
import { comparison } from './comparison-fixture.ts';
import { drillFixture } from './drills-fixture.ts';
import { releaseFixture } from './released-fixture.ts';
import { noise, offeredAt, timelineOf } from './series.ts';

/** Fixed verdicts that between them show everything a report can show. */

const OPERATIONS = { 'ledger-append': 3.1, 'ledger-get': 0.9, 'order-get': 1.1, 'order-place': 6.4, quote: 2.2 };

const ENVIRONMENT: Verdict['environment'] = {
  tools: [
    { name: 'cutover', version: '0.1.0', path: '', source: 'this' },
    { name: 'node', version: '24.21.0', path: '/usr/local/bin/node', source: 'this' },
    { name: 'k6', version: '2.2.0', path: '/home/sre/.cache/cutover/k6/k6', source: 'cache' },
    { name: 'toxiproxy-server', version: '2.12.0', path: '/usr/local/bin/toxiproxy-server', source: 'path' },
  ],
  host: { cpus: 8, cpuModel: 'AMD EPYC 7B13', memoryBytes: 32 * 1024 ** 3, platform: 'linux 6.8.0-45-generic x64' },
};

const NOTES = [
  'Durations are counted in histogram buckets, each 9.05 % wider than the one before; quantiles are interpolated in them and can be off by at most that.',
  'Latency budgets are judged by counting good events, not by quantiles: the count is an interval, and a limit inside it is inconclusive.',
  'A dropped iteration (no free virtual user) is a bad event in every latency, errors, throughput and recovery budget.',
  'Requests belong to the phase in which their iteration started.',
  'k6 had at most 100 virtual users on 8 CPUs.',
];

const GENERATOR: Check = {
  id: 'generator',
  title: 'the load generator was healthy',
  kind: 'generator',
  catalogue: 'GEN-1',
  outcome: 'pass',
  reason: 'the load was sent as planned and seen without gaps',
  limit: 'send rate ≥ 99 %, CPU < 85 %, gaps ≤ 2 s, no unexplained drops',
  measured: '99.98 % sent, CPU 5.4 %, gaps ≤ 1.01 s, 0 dropped',
  events: 7_239,
  evidence: { sentRatio: 0.9998, busiestGeneratorCores: 0.43, cpus: 8, longestGapMs: 1_008, dropped: 0 },
};

/** Everything held. */
export function passed(): Verdict {
  const phases = windows([
    ['warm-up', 5, '40/s'],
    ['ramp', 10, '40/s → 200/s'],
    ['steady', 40, '200/s'],
    ['recovery', 5, '40/s'],
  ]);
  const checks = [
    latency('quotes are fast', 'quote', 'steady', '≥ 99 % under 50 ms', '100 %, p99 5.87 ms', 3_201),
    latency('orders are fast', 'order-place', 'steady', '≥ 99 % under 250 ms', '99.94 %, p99 17.2 ms', 1_598),
    errors('nothing fails', '*', 'steady', '≤ 0.1 % failed', '0 %, 0 of 8004', 8_004),
    resource('cpu', 'engine', '≤ 1 cores on average', '0.33 cores'),
    resource('memory', 'engine', '≤ 128 MiB resident', '23.6 MiB'),
    GENERATOR,
  ];
  const timeline = timelineOf({ seconds: 60, phases, faults: [], operations: OPERATIONS });
  return {
    ...base('peak-load', 'The Rust engine takes all of pricing and ledger traffic at forecast peak.', 60),
    outcome: 'pass',
    summary: `pass: ${checks.length} of ${checks.length} checks held`,
    checks,
    phases,
    faults: [],
    operations: operations(phases, 60),
    timeline,
  };
}

/** Two faults; the circuit breaker did not contain one of them. */
export function failed(): Verdict {
  const phases = windows([
    ['warm-up', 5, '40/s'],
    ['steady', 15, '120/s'],
    ['slow', 15, '120/s'],
    ['slow-recovery', 10, '120/s'],
    ['down', 12, '120/s'],
    ['recovery', 10, '120/s'],
  ]);
  const faults: Window[] = [
    { name: 'slow-pricing', startMs: 20_040, endMs: 35_012, detail: 'latency 2 s on orders-pricing' },
    { name: 'no-pricing', startMs: 45_031, endMs: 57_008, detail: 'orders-pricing down' },
  ];
  const quoteSlow = latency(
    'breaker: most quotes are fast while pricing is slow',
    'quote',
    'slow',
    '≥ 90 % under 100 ms',
    '1.83 – 2.01 %, p99 1.02 s',
    601,
  );
  const recovery = latency(
    'recovery after lost pricing',
    'quote',
    'recovery',
    '≥ 95 % under 50 ms within 5 s',
    '94.2 – 96.1 %',
    148,
  );
  const checks: Check[] = [
    latency('quotes are fast in steady state', 'quote', 'steady', '≥ 99 % under 50 ms', '100 %, p99 5.9 ms', 602),
    errors('nothing fails in steady state', '*', 'steady', '≤ 0.1 % failed', '0 %, 0 of 1799', 1_799),
    {
      ...quoteSlow,
      outcome: 'fail',
      reason: '1.83 – 2.01 % of 601 requests succeeded in under 100 ms, at least 90 % needed',
      hint: 'the circuit breaker of orders-pricing did not open: look at breaker_state{edge="orders-pricing"} and its threshold',
      evidence: { goodLow: 11, goodHigh: 12, total: 601, p50Ms: 1_004.7, p99Ms: 1_021.4, dropped: 0 },
    },
    {
      ...errors(
        'fallback: quotes succeed while pricing is down',
        'quote',
        'down',
        '≤ 0.1 % failed',
        '9.31 %, 45 of 483',
        483,
      ),
      outcome: 'fail',
      reason: '9.31 % of 483 requests failed; at most 0.1 % allowed',
      evidence: { failed: 45, total: 483 },
    },
    {
      ...recovery,
      kind: 'recovery',
      outcome: 'inconclusive',
      reason: '94.2 – 96.1 % of 148 requests: the limit lies within the width of one histogram bucket',
      hint: 'this run decides a limit of 53.8 ms or more (it would pass) or of 49.3 ms or less (it would fail)',
    },
    {
      id: 'fault-effect:slow-pricing',
      title: 'the fault slow-pricing was real',
      kind: 'fault-effect',
      catalogue: 'HRN-4',
      outcome: 'pass',
      reason: 'round trips rose from 0.4 ms to 2 s, and the traffic felt it',
      limit: 'edge disturbed, traffic felt it',
      measured: '0.4 ms → 2 s; edge_attempts_total rose by 602',
      events: 30,
      evidence: { edgeDisturbed: true, evidenceRise: 602 },
    },
    GENERATOR,
  ];
  return {
    ...base(
      'engine-faults',
      'The way to the Rust pricing gets slow, then breaks: time-outs, breaker and fallback contain it.',
      67,
    ),
    outcome: 'fail',
    summary:
      'fail: breaker: most quotes are fast while pricing is slow: 1.83 – 2.01 % of 601 requests succeeded in under 100 ms, at least 90 % needed (and 1 more)',
    checks,
    phases,
    faults,
    operations: operations(phases, 67),
    timeline: timelineOf({
      seconds: 67,
      phases,
      faults,
      operations: OPERATIONS,
      hit: { operation: 'quote', p99Ms: 1_004, failures: 24 },
    }),
  };
}

/** Text that would do harm where it is not escaped. */
export const HOSTILE = {
  script: '</script><script>globalThis.hacked=1</script>',
  image: '<img src=x onerror="globalThis.hacked=1">',
  ansi: '\u001B[31mred\u001B[0m \u001B]0;title\u0007bell\u0007',
  table: 'a|b `code` *bold* [link](http://localhost/)',
  lines: 'first line\r\nsecond line\ttab\u0000null\u202Ereversed',
  xml: ']]> & "quotes" \'single\' \uFFFE\uD800',
} as const;

/** Stopped by the user after 18 of 60 seconds, with gaps, and with names that try to break every renderer. */
export function stopped(): Verdict {
  const phases = windows([
    [HOSTILE.script, 10, '50/s'],
    ['steady | peak', 50, '100/s'],
  ]);
  const faults: Window[] = [{ name: HOSTILE.image, startMs: 12_000, endMs: 18_000, detail: HOSTILE.ansi }];
  const timeline = timelineOf({ seconds: 18, phases, faults, operations: { quote: 2.2 } });
  const gap = <T>(line: readonly (T | null)[]) =>
    line.map((value, index) => (index === 6 || index === 7 ? null : value));
  const checks: Check[] = [
    {
      ...latency(HOSTILE.image, HOSTILE.script, 'steady | peak', HOSTILE.table, HOSTILE.ansi, 12),
      id: HOSTILE.xml,
      outcome: 'inconclusive',
      reason: `${HOSTILE.lines} ${HOSTILE.xml}`,
      hint: HOSTILE.table,
      evidence: { [HOSTILE.image]: HOSTILE.script },
    },
    { ...GENERATOR, measured: HOSTILE.lines },
  ];
  return {
    ...base(HOSTILE.script, `${HOSTILE.image} ${HOSTILE.lines}`, 18),
    outcome: 'inconclusive',
    summary: `inconclusive: ${HOSTILE.image}: ${HOSTILE.lines}`,
    stoppedEarly: `aborted by the user ${HOSTILE.ansi} ${HOSTILE.script}`,
    checks,
    phases,
    faults,
    operations: operations(phases, 18).map((row) => ({ ...row, operation: HOSTILE.image })),
    timeline: {
      ...timeline,
      latency: { [HOSTILE.image]: timeline.latency['quote'] ?? { p50: [], p95: [], p99: [] } },
      errors: { [HOSTILE.script]: gap(timeline.errors['quote'] ?? []) },
      load: { ...timeline.load, achieved: gap(timeline.load.achieved) },
    },
    drills: [
      {
        name: HOSTILE.image,
        kind: 'idempotency',
        edge: HOSTILE.script,
        protocol: HOSTILE.table,
        contract: `${HOSTILE.ansi} ${HOSTILE.lines}`,
        startMs: 10_000,
        endMs: 18_000,
        steps: [{ name: HOSTILE.script, startMs: 10_000, endMs: 18_000, detail: HOSTILE.image }],
        binMs: 250,
        arrivals: { answered: [], failed: [], canceled: [] },
        marks: [
          { atMs: 17_000, text: HOSTILE.xml },
          { atMs: 90_000, text: HOSTILE.image },
        ],
        details: [
          { kind: 'table', title: HOSTILE.script, columns: [HOSTILE.table], rows: [[HOSTILE.image]] },
          {
            kind: 'stages',
            title: HOSTILE.ansi,
            stages: [{ name: HOSTILE.script, startMs: 10_000, endMs: 11_000, detail: HOSTILE.image }],
          },
        ],
        checks: ['not there'],
      },
    ],
    sections: [
      {
        id: HOSTILE.xml,
        title: HOSTILE.script,
        note: HOSTILE.image,
        checks: ['not there'],
        details: [
          {
            kind: 'trace',
            title: HOSTILE.lines,
            traceId: HOSTILE.table,
            spans: [
              { service: HOSTILE.image, name: HOSTILE.script, depth: 99, startMs: 0, endMs: 0, status: HOSTILE.script },
            ],
          },
        ],
      },
    ],
    notes: [HOSTILE.table, HOSTILE.script, HOSTILE.lines],
  };
}

/** Baseline against candidate: one figure as good, one worse, one that is not decided, one without enough blocks. */
export function compared(): Verdict {
  const phases = windows([
    ['warm-up', 5, '40/s'],
    ['compare', 160, '150/s'],
  ]);
  const result = comparison('compare', 5_000);
  const checks = result.rows.map((row): Check => ({
    id: row.checkId,
    title: row.title,
    kind: 'comparison',
    catalogue: row.unit === 'cpu-ms' ? 'CAP-4' : 'CMP-1',
    outcome: row.outcome,
    reason: row.outcome === 'fail' ? 'the candidate is worse: +18.1 % (+15.2 % to +21.3 %)' : 'as measured',
    phase: 'compare',
    limit: 'at most 10 % more',
    measured: row.estimate === undefined ? '3 blocks' : `×${row.estimate}`,
    events: row.blocks.length,
    evidence: { limit: row.limit },
  }));
  // Between two windows, and after the last one, a run may have seconds that belong to no phase.
  const timeline = timelineOf({ seconds: 168, phases, faults: [], operations: { quote: 2.2 } });
  return {
    ...base('engine-against-monolith', 'The Rust pricing is as fast as the Go pricing, for less CPU.', 168),
    outcome: 'fail',
    summary: `fail: ${result.rows[1]?.title ?? ''}: the candidate is worse: +18.1 % (+15.2 % to +21.3 %)`,
    checks: [...checks, GENERATOR],
    phases: phases.map((phase) => ({ ...phase, endMs: phase.endMs - 1_500 })),
    faults: [],
    operations: operations(phases, 165).flatMap((row) =>
      row.phase === 'compare' ? ['baseline', 'candidate'].map((side) => ({ ...row, phase: `compare ${side}` })) : [row],
    ),
    comparison: result,
    timeline: { ...timeline, heap: {}, gcPause: {} },
  };
}

/** Both sides are the same, with names that try to break every renderer. */
export function noiseFloor(): Verdict {
  const { comparison: result, ...rest } = compared();
  if (result === undefined) throw new Error('the fixture compares');
  const rows = result.rows.map((row, index) => ({
    ...row,
    title: index === 0 ? HOSTILE.image : row.title,
    outcome: row.outcome === 'fail' ? ('inconclusive' as const) : row.outcome,
  }));
  return {
    ...rest,
    outcome: 'inconclusive',
    summary: 'inconclusive: both are the same and yet differ',
    checks: rest.checks.map((check) => ({
      ...check,
      outcome: check.outcome === 'fail' ? 'inconclusive' : check.outcome,
    })),
    comparison: {
      ...result,
      baseline: HOSTILE.script,
      candidate: HOSTILE.script,
      phase: HOSTILE.lines,
      sameOnPurpose: true,
      rows,
    },
  };
}

/** Three drills, one an outcome, and a service that is killed again and again. */
export function drilled(): Verdict {
  const before = windows([
    ['warm-up', 5, '40/s'],
    ['steady', 15, '60/s'],
  ]);
  const { drills, checks, phases: steps, faults } = drillFixture(20_000);
  const phases = [...before, ...steps];
  const seconds = Math.ceil((phases.at(-1)?.endMs ?? 0) / 1_000);
  const kills = Array.from({ length: 50 }, (_, index): Window => {
    const startMs = 5_000 + index * 290;
    return {
      name: `restart-engine-${index + 1}`,
      startMs,
      endMs: startMs + 90,
      detail: 'engine ended and started again',
    };
  });
  const steady = errors('nothing fails in steady state', '*', 'steady', '≤ 0.1 % failed', '0 %, 0 of 899', 899);
  return {
    ...base('pricing-drills', 'Whether the monolith keeps to what it declares when the engine is unwell.', seconds),
    outcome: 'fail',
    summary:
      'fail: retry on orders-ledger: no retry storm: 720 calls for 300 requests in the outage, 330 allowed (and 1 more)',
    checks: [steady, ...checks, GENERATOR],
    phases,
    faults: [...kills, ...faults],
    operations: operations(phases, seconds),
    timeline: timelineOf({ seconds, phases, faults, operations: { quote: 2.2, 'order-get': 1.1 } }),
    drills: [...drills],
  };
}

/** A rollback that was fast enough and lost two writes. */
export function released(): Verdict {
  const { drill, checks, sections } = releaseFixture(15_000);
  const phases = windows([
    ['warm-up', 5, '40/s'],
    ['steady', 10, '60/s'],
    ['rollback-shifted', 5, '60/s'],
    ['rollback-bad', 15, '60/s'],
  ]);
  const faults = [{ name: 'rollback-slow', startMs: 20_120, endMs: 35_000, detail: 'latency 400ms on orders-ledger' }];
  const steady = errors('nothing fails in steady state', '*', 'steady', '≤ 0.1 % failed', '0 %, 0 of 599', 599);
  return {
    ...base('rollback', 'Half of the writes on the engine, the engine made slow, and back again.', 35),
    outcome: 'fail',
    summary: 'fail: monolith: nothing is lost: 2 acknowledged writes are not there',
    checks: [steady, ...checks, GENERATOR],
    phases,
    faults,
    operations: operations(phases, 35),
    timeline: timelineOf({ seconds: 35, phases, faults, operations: { 'ledger-append': 4 } }),
    drills: [drill],
    sections: [...sections],
  };
}

/** Fixtures by the name that their golden files have. */
export const FIXTURES = { passed, failed, stopped, compared, 'noise-floor': noiseFloor, drilled, released } as const;

function base(name: string, description: string, seconds: number) {
  const startedMs = Date.UTC(2026, 10, 24, 6, 30, 12);
  return {
    version: 1,
    cutover: '0.1.0',
    experiment: { name, description },
    run: {
      id: '2026-11-24T06-30-12Z-a1b2c3',
      startedAt: new Date(startedMs).toISOString(),
      endedAt: new Date(startedMs + (seconds + 9) * 1_000).toISOString(),
      seed: 42,
      planSha256: '9f2c4e8d1b7a6053c1d2e3f4a5b6c7d8e9f00112233445566778899aabbccdde',
      scenarioSha256: '0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9',
    },
    drills: [],
    sections: [],
    notes: NOTES,
    environment: ENVIRONMENT,
  } satisfies Partial<Verdict>;
}

function windows(list: readonly (readonly [name: string, seconds: number, rate: string])[]): Window[] {
  let startMs = 0;
  return list.map(([name, seconds, detail]) => {
    const window = { name, startMs, endMs: startMs + seconds * 1_000, detail };
    startMs = window.endMs;
    return window;
  });
}

function latency(
  title: string,
  operation: string,
  phase: string,
  limit: string,
  measured: string,
  events: number,
): Check {
  const reason = `${measured.split(',')[0]} of ${events} requests succeeded within the limit`;
  return {
    id: `latency:${operation}:${phase}`,
    title,
    kind: 'latency',
    outcome: 'pass',
    reason,
    operation,
    phase,
    limit,
    measured,
    events,
    evidence: {},
  };
}

function errors(
  title: string,
  operation: string,
  phase: string,
  limit: string,
  measured: string,
  events: number,
): Check {
  return {
    ...latency(title, operation, phase, limit, measured, events),
    id: `errors:${operation}:${phase}`,
    kind: 'errors',
    reason: measured,
  };
}

function resource(kind: 'cpu' | 'memory', service: string, limit: string, measured: string): Check {
  return {
    id: `${kind}:${service}:steady`,
    title: `${service} ${kind}`,
    kind,
    outcome: 'pass',
    reason: measured,
    service,
    phase: 'steady',
    limit,
    measured,
    events: 40,
    evidence: {},
  };
}

function operations(phases: readonly Window[], seconds: number): Operation[] {
  const random = noise(11);
  const round = (value: number) => Math.round(value * 1_000) / 1_000;
  return phases.flatMap(({ name, startMs, endMs }) => {
    const length = Math.max(0, Math.min(endMs / 1_000, seconds) - startMs / 1_000);
    if (length === 0) return [];
    return Object.entries(OPERATIONS).flatMap(([operation, median]) =>
      ['grpc', 'http'].map((protocol) => {
        const requests = Math.round((offeredAt(phases, startMs / 1_000) * length) / 10);
        const slow = name === 'slow' && operation === 'quote';
        const scale = (factor: number) =>
          slow ? round(1_001 + 5 * factor) : round(median * factor * (1 + 0.1 * random()));
        const quantiles = { p50: scale(1), p90: scale(1.5), p95: scale(1.8), p99: scale(2.7), p999: scale(4.1) };
        const failures = name === 'down' && operation === 'quote' ? Math.round(requests * 0.16) : 0;
        return { operation, protocol, phase: name, requests, failed: failures, meanMs: scale(1.1), quantiles };
      }),
    );
  });
}
