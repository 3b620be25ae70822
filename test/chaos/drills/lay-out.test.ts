import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConflicts } from '../../../chaos/conflicts.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import { drillKind } from '../../../chaos/drills/kinds.ts';
import { layOutDrills } from '../../../chaos/drills/lay-out.ts';
import type { StepContext } from '../../../chaos/drills/drill-kind.ts';
import { derivedSeed } from '../../../chaos/seeded.ts';
import { layOut } from '../../../lib/plan/phases.ts';
import type { Fault } from '../../../lib/plan/plan.ts';
import { drillSchema } from '../../../lib/plan/schema/drills.ts';

const GRPC = new Set(['prices']);
const context = (seed = 1): Omit<StepContext, 'perSecond'> => ({
  protocolOf: (edge) => (GRPC.has(edge) ? 'grpc' : 'http'),
  seedOf: (text) => derivedSeed(seed, text),
});
const phases = layOut([
  { name: 'steady', duration: 5_000, rate: 10 },
  { name: 'ramp', duration: 5_000, rate: { from: 10, to: 40 } },
]);

const on = [
  { edge: 'stock', operation: 'cart', calls: ['POST /reserve'] },
  { edge: 'prices', operation: 'quote' },
];
const request = { http: { url: 'http://127.0.0.1:1/' } };
const probe = { tcp: '127.0.0.1:1' };
const breaker = { kind: 'circuit-breaker', on, threshold: 5, openTime: '2s', callTimeout: '500ms' };
const timeout = { kind: 'timeout', on, deadline: '1s', share: '20%', for: '6s' };
const retry = { kind: 'retry', on, outage: '4s', heal: '3s' };
const cancellation = {
  kind: 'cancellation',
  on: on.map(({ edge, calls }) => ({ edge, calls, request })),
  cancelAfter: '300ms',
  within: '1s',
};
const idempotency = {
  kind: 'idempotency',
  on: on.map(({ edge, calls }) => ({ edge, calls, write: request, effects: request })),
  restart: ['engine', 'store'],
  versions: [{ pricing: 'off' }, { pricing: 'full' }],
};
const readiness = {
  kind: 'readiness',
  on: [{ edge: 'stock', service: 'shop', ready: probe, live: probe }],
  period: '1s',
  threshold: 3,
};
const ALL = [breaker, timeout, cancellation, retry, idempotency, readiness];

const laidOut = (inputs: readonly object[], seed = 1) =>
  layOutDrills(
    inputs.map((input) => drillSchema.parse(JSON.parse(JSON.stringify(input)))),
    phases,
    context(seed),
  );

/** A step's length, what it sets, and its faults: by when they begin and end within it. */
function table(input: object) {
  const { drills, faults, phases: steps } = laidOut([input]);
  return (drills[0]?.steps ?? []).map(({ step, startMs, endMs }) => {
    const traffic = steps.find((phase) => phase.startMs === startMs)?.traffic;
    const own = faults.filter(({ name }) => name.startsWith(`${drills[0]?.name}-${step}-`));
    return [
      step,
      endMs - startMs,
      own.map((fault) => [fault.name, described(fault), fault.startMs - startMs, fault.endMs - endMs]),
      ...(traffic === undefined ? [] : [traffic]),
    ];
  });
}

/** Without what each fault has: its name, its times, its seed. */
function described(fault: Fault): object {
  const {
    name: _,
    startMs: _start,
    endMs: _end,
    drill: _drill,
    seed: _seed,
    ...own
  } = fault as Fault & { seed?: number };
  return own;
}

const calls = { operations: ['POST /reserve'] };
/** The same on both edges. */
const both = (step: string, own: object, [fromMs, untilMs] = [0, 0]) => [
  [`${step}-stock`, { edge: 'stock', ...calls, ...own }, fromMs, untilMs],
  [`${step}-prices`, { edge: 'prices', ...own }, fromMs, untilMs],
];
const failing = (step: string, http: number, grpc: number, more: object = {}) => [
  [`${step}-stock`, { edge: 'stock', ...calls, kind: 'request-fail', status: http, ...more }, 0, 0],
  [`${step}-prices`, { edge: 'prices', kind: 'request-fail', status: grpc, ...more }, 0, 0],
];

describe('steps and their faults', () => {
  const pattern = { pattern: { count: 4, of: 10 } };
  test.each<[string, object, unknown[]]>([
    [
      'a circuit breaker',
      breaker,
      [
        ['below', 4_000, failing('circuit-breaker-below', 503, 14, pattern)],
        ['client-errors', 2_000, failing('circuit-breaker-client-errors', 400, 3)],
        ['slow', 6_000, both('circuit-breaker-slow', { kind: 'request-delay', delayMs: 400, jitterMs: 0 })],
        ['settle', 3_000, []],
        ['failing', 7_000, failing('circuit-breaker-failing', 503, 14)],
        // It begins before the failures end: a callee that is well for a moment would close the breaker.
        ['hanging', 7_500, both('circuit-breaker-hanging', { kind: 'request-hang' }, [-200, 0])],
        ['healed', 6_500, []],
      ],
    ],
    [
      'a circuit breaker that opens at once: nothing is below',
      { ...breaker, name: 'first', threshold: 1, on: on.slice(1) },
      [
        ['client-errors', 2_000, failing('first-client-errors', 400, 3).slice(1)],
        ['slow', 6_000, both('first-slow', { kind: 'request-delay', delayMs: 400, jitterMs: 0 }).slice(1)],
        ['settle', 3_000, []],
        ['failing', 7_000, failing('first-failing', 503, 14).slice(1)],
        ['hanging', 7_500, both('first-hanging', { kind: 'request-hang' }, [-200, 0]).slice(1)],
        ['healed', 6_500, []],
      ],
    ],
    [
      'a timeout',
      timeout,
      [
        ['hanging', 6_000, both('timeout-hanging', { kind: 'request-hang', share: 0.2 })],
        ['settle', 3_000, []],
      ],
    ],
    [
      'retries',
      retry,
      [
        ['before', 3_000, []],
        ['outage', 4_000, failing('retry-outage', 503, 14)],
        ['healed', 3_000, []],
      ],
    ],
    ['a cancellation', cancellation, [['canceled', 3_000, both('cancellation-canceled', { kind: 'request-hang' })]]],
    [
      'idempotency',
      idempotency,
      [
        ['duplicates', 2_000, []],
        ['cut', 2_000, both('idempotency-cut', { kind: 'request-cut', first: 1 })],
        [
          'restart',
          8_000,
          [
            ['idempotency-restart-engine', { kind: 'restart', service: 'engine' }, 1_500, -2_500],
            ['idempotency-restart-store', { kind: 'restart', service: 'store' }, 1_500, -2_500],
          ],
        ],
        ['version-1', 2_000, [], { pricing: 'off' }],
        ['version-2', 2_000, [], { pricing: 'full' }],
      ],
    ],
    [
      'idempotency of one version that nobody restarts',
      { ...idempotency, restart: [], versions: [] },
      [
        ['duplicates', 2_000, []],
        ['cut', 2_000, both('idempotency-cut', { kind: 'request-cut', first: 1 })],
      ],
    ],
    [
      'readiness',
      readiness,
      [
        ['before', 2_000, []],
        ['lost', 6_000, [['readiness-lost-stock', { kind: 'down', edge: 'stock' }, 0, 0]]],
        ['back', 6_000, []],
      ],
    ],
  ])('of %s', (_, input, expected) => {
    expect(table(input)).toEqual(expected);
  });
});

describe('layOutDrills', () => {
  test('puts all drills one after the other, each step a phase, without a gap', () => {
    const { drills, phases: steps, faults } = laidOut(ALL);
    let atMs = 10_000;
    for (const drill of drills) {
      for (const { phase, step, startMs, endMs } of drill.steps) {
        expect(phase).toBe(`${drill.name}-${step}`);
        expect(startMs).toBe(atMs);
        expect(endMs).toBeGreaterThan(startMs);
        expect(steps.filter(({ name }) => name === phase)).toMatchObject([{ startMs, endMs, drill: drill.name }]);
        atMs = endMs;
      }
      // The timeline has whole seconds.
      expect(atMs % 1_000).toBe(0);
    }
    expect(drills.flatMap((drill) => drill.steps)).toHaveLength(steps.length);
    expect(new Set(steps.map(({ name }) => name)).size).toBe(steps.length);
    expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
    expect(findConflicts(faults)).toEqual([]);
    for (const { drill, name } of faults) expect(name.startsWith(`${drill}-`)).toBe(true);
  });

  test("load goes on as at the end of the last phase, or as the drill says; each drill's own", () => {
    const { phases: steps } = laidOut([retry, { ...timeout, rate: '6000/m' }, readiness]);
    expect(
      steps.map(({ name, fromPerSecond, toPerSecond }) => [name.split('-')[0], fromPerSecond, toPerSecond]),
    ).toEqual([
      ...Array.from({ length: 3 }, () => ['retry', 40, 40]),
      ...Array.from({ length: 2 }, () => ['timeout', 100, 100]),
      ...Array.from({ length: 3 }, () => ['readiness', 40, 40]),
    ]);
  });

  test('seeds follow from the plan, the drill, the step and the edge, and from nothing else', () => {
    const seedsOf = (inputs: readonly object[], seed?: number) =>
      new Map(laidOut(inputs, seed).faults.flatMap((fault) => ('seed' in fault ? [[fault.name, fault.seed]] : [])));
    const alone = seedsOf([timeout]);
    expect(alone.size).toBe(2);
    const among = seedsOf([breaker, timeout, retry]);
    for (const [name, seed] of alone) expect(among.get(name)).toBe(seed);
    expect(new Set(among.values()).size).toBe(among.size);
    expect([...seedsOf([timeout], 2).values()]).not.toEqual([...alone.values()]);
    const renamed = seedsOf([{ ...timeout, name: 'other' }]);
    expect([...renamed.values()]).not.toEqual([...alone.values()]);
  });

  test('is the same for the same drills, byte by byte', () => {
    fc.assert(
      fc.property(fc.subarray(ALL), fc.nat(), (inputs, seed) => {
        expect(JSON.stringify(laidOut(structuredClone(inputs), seed))).toBe(JSON.stringify(laidOut(inputs, seed)));
      }),
      { numRuns: 30 },
    );
  });

  test('whatever times are declared, faults stay within their drill and never conflict', () => {
    const ms = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${value}ms`);
    const anyBreaker = fc.record({
      kind: fc.constant('circuit-breaker'),
      on: fc.constant(on),
      threshold: fc.integer({ min: 1, max: 1_000 }),
      openTime: ms(1, 60_000),
      callTimeout: ms(1, 59_999),
    });
    fc.assert(
      fc.property(anyBreaker, (input) => {
        const { drills, faults } = laidOut([input]);
        expect(findConflicts(faults)).toEqual([]);
        const [drill] = drills;
        if (drill === undefined) throw new Error('there is one');
        for (const { startMs, endMs } of faults) {
          expect(startMs).toBeGreaterThanOrEqual(drill.steps[0]?.startMs ?? Infinity);
          expect(endMs).toBeLessThanOrEqual(drill.steps.at(-1)?.endMs ?? 0);
          expect(endMs).toBeGreaterThan(startMs);
        }
        const [fails, hangs] = ['failing', 'hanging'].map((step) =>
          faults.find(({ name }) => name === `circuit-breaker-${step}-stock`),
        );
        expect(fails?.endMs).toBeGreaterThan(hangs?.startMs ?? Infinity);
      }),
    );
  });

  test('without drills there is nothing', () => {
    expect(laidOut([])).toEqual({ drills: [], phases: [], faults: [] });
  });
});

test('a step is found by its name; one that a drill has not is a mistake', () => {
  const [drill] = laidOut([retry]).drills;
  if (drill === undefined) throw new Error('there is one');
  expect(stepOf(drill, 'outage')).toMatchObject({ phase: 'retry-outage', startMs: 13_000 });
  expect(() => stepOf(drill, 'outrage')).toThrow('the drill retry has no step outrage');
});

test.each([
  [
    breaker,
    'opens after 5 failures in a row, stays open for 2s, then lets 1 through at a time; calls give up after 500ms; while open it refuses',
  ],
  [
    { ...breaker, whileOpen: 'fallback', halfOpen: 2 },
    'opens after 5 failures in a row, stays open for 2s, then lets 2 through at a time; calls give up after 500ms; while open it falls back',
  ],
  [timeout, 'every request ends within 1s, also when 20% of its calls are never answered'],
  [retry, 'in an outage of 4s at most 110% of the usual calls, spread over time'],
  [cancellation, '10 clients go away after 300ms: their calls are over within 1s'],
  [
    idempotency,
    '20 copies of a write have one effect and one answer, also across a restart of engine and store, and across 2 versions',
  ],
  [{ ...idempotency, restart: [], versions: [] }, '20 copies of a write have one effect and one answer'],
  [readiness, 'without the edge not ready within 4s, but live; ready again as soon after it is back'],
])('the contract of %j in a line', (input, contract) => {
  const drill = drillSchema.parse(JSON.parse(JSON.stringify(input)));
  expect(drillKind(drill).contract(drill)).toBe(contract);
});
