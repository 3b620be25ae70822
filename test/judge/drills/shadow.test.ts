import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { CounterValue, ShadowRecord } from '../../../chaos/drills/shadow.ts';
import { judge } from '../../../lib/judge/checks.ts';
import { pictureShadow } from '../../../lib/judge/drills/shadow.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import { healthy, operation, seen as faultSeen, times } from '../builders.ts';
import { checkOf, drillPlan, outcomesOf } from './plans.ts';

const counter = (metric: string) => ({ url: 'http://{{engine}}/metrics', metric });
const plan = drillPlan({
  kind: 'shadow',
  off: { ledger: 'off' },
  shadow: { ledger: 'shadow' },
  for: '8s',
  dead: { edges: ['orders-pricing'], for: '6s' },
  latency: { operations: ['quote', 'append'] },
  effects: counter('appends_total'),
  writes: { operations: ['append'] },
  shadowed: counter('shadow_total'),
});
const drill = plan.drills[0] as Drill<'shadow'>;
const [off, shadow] = drill.steps;

/** A counter read every half second: so much a second from one time to another. */
function counted(perSecond: number, fromMs = shadow?.startMs ?? 0, untilMs = Infinity): readonly CounterValue[] {
  const endMs = drill.steps.at(-1)?.endMs ?? 0;
  const [startMs] = [(off?.startMs ?? 0) + 1_000];
  return Array.from({ length: Math.floor((endMs - startMs) / 500) }, (_, index) => {
    const atMs = startMs + index * 500 + 100;
    return { atMs, value: 40 + Math.floor((Math.max(0, Math.min(atMs, untilMs) - fromMs) / 1_000) * perSecond) };
  });
}

interface Parts {
  readonly record?: Partial<ShadowRecord>;
  /** What a quote takes, by step. */
  readonly ms?: Readonly<Record<string, number>>;
  /** Share of the requests that take so long. */
  readonly share?: number;
  readonly writes?: number;
}

function observed({ record = {}, ms = {}, share = 1, writes = 20 }: Parts = {}): Observations {
  const seen = healthy(plan, (second) => {
    const step = drill.steps.find(({ phase }) => phase === second.phase)?.step ?? '';
    const slow = Math.round(100 * share);
    const okMs = [...times(slow, ms[step] ?? 5), ...times(100 - slow, 5)];
    return {
      ...second,
      operations: [
        operation({ phase: second.phase, okMs }),
        operation({ operation: 'append', phase: second.phase, okMs: times(writes, 5) }),
        // What nobody named may be as slow as it likes.
        operation({ operation: 'report', phase: second.phase, okMs: times(50, step === 'off' ? 1 : 900) }),
      ],
    };
  });
  const counters = { effects: counted(0), shadowed: counted(100), ...record };
  return { ...seen, drills: [{ drill: 'shadow', requests: [], probes: [], records: { shadow: counters } }] };
}

const outcomes = (parts?: Parts) => outcomesOf(plan, observed(parts));
const GREEN = { effects: 'pass', 'latency-shadow': 'pass', 'latency-down': 'pass', 'latency-hang': 'pass' };

describe('PAR-2', () => {
  test('no effect and no time lost is green', () => {
    expect(outcomes()).toEqual(GREEN);
    expect(checkOf('effects', plan, observed())).toMatchObject({ measured: '0 effects of 460 writes', events: 460 });
  });

  test('an effect is red, wherever in the drill, and nothing else is', () => {
    expect(outcomes({ record: { effects: counted(20) } })).toEqual({ ...GREEN, effects: 'fail' });
    const one = counted(2, shadow?.startMs, (shadow?.startMs ?? 0) + 500);
    expect(outcomes({ record: { effects: one } })).toEqual({ ...GREEN, effects: 'fail' });
  });

  test.each(['shadow', 'down', 'hang'])('a primary that waits for a shadow (%s) is red there', (step) => {
    expect(outcomes({ ms: { [step]: 250 } })).toEqual({ ...GREEN, [`latency-${step}`]: 'fail' });
    // One request in twenty is above p99 too.
    expect(outcomes({ ms: { [step]: 250 }, share: 0.05 })).toEqual({ ...GREEN, [`latency-${step}`]: 'fail' });
  });

  test('what is slow without a shadow too is not its fault', () => {
    const slow = { off: 250, shadow: 250, down: 250, hang: 250 };
    expect(outcomes({ ms: slow })).toEqual(GREEN);
  });

  test.each<[string, Parts, object, string]>([
    [
      'no shadow traffic',
      { record: { shadowed: counted(0) } },
      { effects: 'inconclusive' },
      'only 0 requests were shadowed',
    ],
    ['too few writes', { writes: 4 }, { effects: 'inconclusive' }, 'only 92 writes could have had an effect'],
    [
      'an unread counter',
      { record: { effects: [], problem: 'refused' } },
      { effects: 'inconclusive' },
      'was not read before and after: refused',
    ],
    [
      'effects of somebody else',
      { record: { effects: counted(20, 0) } },
      { effects: 'inconclusive' },
      'without any shadow traffic',
    ],
  ])('%s decides nothing', (_, parts, expected, reason) => {
    expect(outcomes(parts)).toMatchObject(expected);
    expect(checkOf('effects', plan, observed(parts)).reason).toContain(reason);
  });

  test('without shadow traffic no latency is green', () => {
    const none = { 'latency-shadow': 'inconclusive', 'latency-down': 'inconclusive', 'latency-hang': 'inconclusive' };
    expect(outcomes({ record: { shadowed: counted(0) } })).toMatchObject(none);
  });

  test('a fault that was not there proves nothing', () => {
    const seen = observed();
    const faults = plan.faults.map((fault) => faultSeen(fault, fault.name.includes('hang') ? { probes: [] } : {}));
    expect(outcomesOf(plan, { ...seen, faults })).toEqual({ ...GREEN, 'latency-hang': 'inconclusive' });
  });

  test('a restart of the shadow is no effect', () => {
    const restarted = counted(0).map(({ atMs, value }, index) => ({ atMs, value: index < 30 ? value : 0 }));
    expect(outcomes({ record: { effects: restarted } })).toEqual(GREEN);
  });

  test('whatever happens, an effect is never green', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 200 }), (effects, writes) => {
        const fromMs = shadow?.startMs ?? 0;
        const record = { effects: counted(effects, fromMs, fromMs + 2_000) };
        expect(outcomes({ record, writes })['effects']).not.toBe('pass');
      }),
      { numRuns: 30 },
    );
  });

  test('the report shows both counters', () => {
    const { details } = pictureShadow({ drill, plan, observations: observed() });
    expect(details).toMatchObject([
      {
        columns: ['at the end of', 'shadow_total', 'appends_total'],
        rows: [
          ['off', '40', '40'],
          ['shadow', '800', '40'],
          ['hang', expect.any(String), '40'],
          ['well', expect.any(String), '40'],
          ['down', expect.any(String), '40'],
          ['after', expect.any(String), '40'],
        ],
      },
    ]);
  });
});

test('an effect is one however busy the machine was; what it costs is not known then', () => {
  const busy = (parts: Parts): Observations => {
    const seen = observed(parts);
    const resources = [
      { source: 'machine', role: 'machine', cpuCores: 2, rssBytes: 0 },
      { source: 'k6', role: 'generator', cpuCores: 0.2, rssBytes: 1 },
    ] as const;
    return { ...seen, seconds: seen.seconds.map((second) => ({ ...second, resources })) };
  };
  const outcomeOf = (id: string, parts: Parts) =>
    judge(plan, busy(parts)).find((check) => check.id === `drill:shadow:${id}`)?.outcome;
  expect(outcomeOf('effects', { record: { effects: counted(20) } })).toBe('fail');
  expect(outcomeOf('latency-hang', { ms: { hang: 250 } })).toBe('inconclusive');
});
