import { describe, expect, test } from 'vitest';
import type { CollectorRecord } from '../../../chaos/drills/collector.ts';
import { judge } from '../../../lib/judge/judge.ts';
import { drillResults } from '../../../lib/judge/drills/picture.ts';
import type { Observations, Second } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { healthy, operation, times } from '../builders.ts';
import { drillPlan } from './plans.ts';

const RECORD: CollectorRecord = { spans: { monolith: 400, engine: 200 }, spansAfter: { monolith: 90 }, held: 3 };

/** 100 requests a second, those of each step as slow (and failing) as given. */
function run(
  of: (state: string, round: number) => { readonly ms?: number; readonly failed?: number },
  record: CollectorRecord | undefined = RECORD,
  input: object = {},
): { plan: Plan; observations: Observations } {
  const plan = drillPlan({ kind: 'collector', rate: '100/s', ...input });
  const slower = (second: Second): Second => {
    const [, state = '', round = '0'] = /^collector-(\w+)-(\d)$/.exec(second.phase) ?? [];
    const { ms = 5, failed = 0 } = state === '' ? {} : of(state, Number(round));
    // Four of a hundred: enough to move the p99, also of one round of three.
    const okMs = [...times(96 - failed, 5), ...times(4, ms)];
    return { ...second, operations: [operation({ phase: second.phase, okMs, failedMs: times(failed, 5) })] };
  };
  const observations = healthy(plan, slower);
  const records = record === undefined ? {} : { collector: record };
  const seen = {
    drill: 'collector',
    requests: [],
    probes: [],
    marks: [{ atMs: 1, event: 'hanging', text: 'the collector hangs' }],
    records,
  };
  return { plan, observations: { ...observations, drills: [seen] } };
}

function checks({ plan, observations }: ReturnType<typeof run>) {
  return Object.fromEntries(
    judge(plan, observations).flatMap(({ id, outcome, reason, catalogue }) =>
      id.startsWith('drill:') ? [[id, { outcome, reason, catalogue }]] : [],
    ),
  );
}

const outcomes = (of: ReturnType<typeof run>) => Object.values(checks(of)).map(({ outcome }) => outcome);

test('a collector that nobody waits for costs nothing', () => {
  expect(checks(run(() => ({})))).toEqual({
    'drill:collector:hang': { outcome: 'pass', reason: expect.any(String) as unknown, catalogue: 'TRC-2' },
    'drill:collector:down': { outcome: 'pass', reason: expect.any(String) as unknown, catalogue: 'TRC-2' },
  });
});

describe('what it costs', () => {
  test.each<readonly [string, Parameters<typeof run>[0], readonly string[]]>([
    ['requests wait while it hangs', (state) => (state === 'hang' ? { ms: 2_000 } : {}), ['fail', 'pass']],
    ['requests wait while it is down', (state) => (state === 'down' ? { ms: 300 } : {}), ['pass', 'fail']],
    ['requests fail while it is down', (state) => (state === 'down' ? { failed: 20 } : {}), ['pass', 'fail']],
    ['requests fail as often with it', () => ({ failed: 20 }), ['pass', 'pass']],
    ['requests are as slow with it', () => ({ ms: 500 }), ['pass', 'pass']],
    ['less than the slack', (state) => (state === 'with' ? {} : { ms: 12 }), ['pass', 'pass']],
    [
      'only in one round: noise',
      (state, round) => (state === 'hang' && round === 2 ? { ms: 900 } : {}),
      ['inconclusive', 'pass'],
    ],
  ])('%s', (_, of, expected) => {
    expect(outcomes(run(of))).toEqual(expected);
  });
});

test.each<readonly [string, CollectorRecord | undefined, string]>([
  [
    'no span came while it was there',
    { ...RECORD, spans: { monolith: 0 } },
    'no service sent spans while the collector was there',
  ],
  ['nobody tried while it hung', { ...RECORD, held: 0 }, 'nobody tried to export while the collector hung'],
])('nothing is learnt where %s', (_, record, reason) => {
  for (const check of Object.values(checks(run(() => ({}), record)))) {
    expect(check).toMatchObject({ outcome: 'inconclusive', reason: expect.stringContaining(reason) as unknown });
  }
});

test('nothing is learnt where it was not carried out', () => {
  const { plan, observations } = run(() => ({}));
  const drills = [{ drill: 'collector', requests: [], probes: [], problem: 'the port is lost' }];
  expect(outcomes({ plan, observations: { ...observations, drills } })).toEqual(['inconclusive', 'inconclusive']);
  const unfinished = [{ drill: 'collector', requests: [], probes: [], records: {} }];
  expect(outcomes({ plan, observations: { ...observations, drills: unfinished } })).toEqual([
    'inconclusive',
    'inconclusive',
  ]);
});

test('nothing is learnt from too few requests', () => {
  expect(outcomes(run(() => ({}), RECORD, { minEvents: 1_300 }))).toEqual(['inconclusive', 'inconclusive']);
});

test('a report shows what it was with a collector and without', () => {
  const { plan, observations } = run((state) => (state === 'hang' ? { ms: 2_000 } : {}));
  const [result] = drillResults(plan, observations, judge(plan, observations));
  expect(result?.marks).toEqual([{ atMs: 1, text: 'the collector hangs' }]);
  expect(result?.details).toMatchObject([
    {
      kind: 'table',
      rows: [
        ['the collector takes spans', '1200'],
        ['it hangs', '1200'],
        ['it is down', '1200'],
      ].map((row) => expect.arrayContaining(row) as unknown),
    },
    {
      kind: 'table',
      rows: [
        ['monolith', '400', '90'],
        ['engine', '200', '0'],
      ],
    },
  ]);
});
