import { describe, expect, test } from 'vitest';
import type { Observations, ProbeChange } from '../../../lib/observe/observations.ts';
import { healthy, seen } from '../builders.ts';
import { EDGE, checkOf, checksThat, drillPlan, outcomesOf } from './plans.ts';

const ALL = ['unready', 'live', 'ready-again'];
const PLAN = drillPlan({
  kind: 'readiness',
  rate: '0/s',
  on: [{ edge: EDGE, service: 'monolith', ready: { http: 'http://x/readyz' }, live: { http: 'http://x/livez' } }],
  period: '1s',
  threshold: 3,
});
const [BEFORE, LOST, BACK] = (PLAN.drills[0]?.steps ?? []).map(({ startMs }) => startMs) as [number, number, number];
/** period × threshold + 1 s */
const BOUND_MS = 4_000;
/** When the edge was known to be down, and to be well again. */
const [DOWN_MS, UP_MS] = [LOST + 20, BACK + 40];

type Change = readonly [atMs: number, up: boolean];

interface Told {
  readonly ready?: readonly Change[];
  readonly live?: readonly Change[];
}

function observed({
  ready = [
    [BEFORE, true],
    [DOWN_MS + 3_200, false],
    [UP_MS + 900, true],
  ],
  live = [[BEFORE, true]],
}: Told): Observations {
  const told = (probe: ProbeChange['probe'], changes: readonly Change[]) =>
    changes.map(([atMs, up]): ProbeChange => ({ edge: EDGE, probe, atMs, up, detail: up ? '200' : '503' }));
  const [fault] = PLAN.faults;
  if (fault === undefined) throw new Error('no fault');
  return {
    ...healthy(PLAN),
    faults: [seen(fault, { injectedMs: DOWN_MS, removedMs: UP_MS })],
    drills: [{ drill: 'readiness', requests: [], probes: [...told('ready', ready), ...told('live', live)] }],
  };
}

function outcomes(told: Told, change: Partial<Observations> = {}): Record<string, string> {
  return outcomesOf(PLAN, { ...observed(told), ...change });
}

const UNREADY: Change = [DOWN_MS + 3_200, false];

describe('judgeReadiness', () => {
  test.each<[string, Told]>([
    ['as it should be', {}],
    [
      'at once: before it was known to be down, and up',
      {
        ready: [
          [BEFORE, true],
          [LOST + 5, false],
          [BACK + 10, true],
        ],
      },
    ],
    [
      'at the last moment',
      {
        ready: [
          [BEFORE, true],
          [DOWN_MS + BOUND_MS, false],
          [UP_MS + BOUND_MS, true],
        ],
      },
    ],
  ])('passes: %s', (_, told) => {
    expect(checksThat('pass', outcomes(told))).toEqual(ALL);
  });

  test.each<[string, Told, string[]]>([
    [
      'late',
      {
        ready: [
          [BEFORE, true],
          [DOWN_MS + BOUND_MS + 1, false],
          [UP_MS + 900, true],
        ],
      },
      ['unready'],
    ],
    ['never', { ready: [[BEFORE, true]] }, ['unready']],
    [
      'only when it was back',
      {
        ready: [
          [BEFORE, true],
          [BACK + 100, false],
          [BACK + 900, true],
        ],
      },
      ['unready'],
    ],
    [
      'ready again too soon',
      { ready: [[BEFORE, true], UNREADY, [DOWN_MS + 4_000, true], [DOWN_MS + 5_000, false], [UP_MS + 100, true]] },
      ['unready'],
    ],
    ['ready again late', { ready: [[BEFORE, true], UNREADY, [UP_MS + BOUND_MS + 1, true]] }, ['ready-again']],
    ['never ready again', { ready: [[BEFORE, true], UNREADY] }, ['ready-again']],
    [
      'not live',
      {
        live: [
          [BEFORE, true],
          [DOWN_MS + 2_000, false],
          [UP_MS + 10, true],
        ],
      },
      ['live'],
    ],
    [
      'not live at once',
      {
        live: [
          [BEFORE, true],
          [LOST + 5, false],
        ],
      },
      ['live'],
    ],
  ])('red: %s', (_, told, expected) => {
    expect(checksThat('fail', outcomes(told))).toEqual(expected);
  });

  test.each<[string, number, string, string[]]>([
    ['it died while its dependency was lost', LOST + 3_000, 'monolith', ['live']],
    ['it died right after', BACK + 1_000, 'monolith', ['live']],
    ['another service died', LOST + 3_000, 'engine', []],
    ['it died before', BEFORE - 3_000, 'monolith', []],
  ])('a restart: %s', (_, atMs, source, expected) => {
    const incidents = [{ atMs, source, message: 'ended with exit code 1' }];
    expect(checksThat('fail', outcomes({}, { incidents }))).toEqual(expected);
  });

  test.each<[string, Told, Partial<Observations>, string[]]>([
    [
      'not ready before',
      {
        ready: [
          [BEFORE, false],
          [UP_MS + 10, true],
        ],
      },
      {},
      ['unready'],
    ],
    ['never asked', { ready: [], live: [] }, {}, ALL],
    ['not live before', { live: [[BEFORE, false]] }, {}, ['live']],
    ['never unready: nothing to come back from', { ready: [[BEFORE, true]] }, {}, ['ready-again']],
    ['an edge that was never down', {}, { faults: [] }, ALL],
    ['not carried out', {}, { drills: [{ drill: 'readiness', requests: [], probes: [], problem: 'no way' }] }, ALL],
    ['cut short', {}, { loadEndMs: LOST + 2_000 }, ALL],
    ['cut short after it', {}, { loadEndMs: BACK + 2_000 }, ['ready-again']],
  ])('inconclusive: %s', (_, told, change, expected) => {
    expect(checksThat('inconclusive', outcomes(told, change))).toEqual(expected);
  });

  test('an edge that answered all the time shows nothing', () => {
    const observations = observed({});
    const [fault] = observations.faults;
    const probes = (fault?.probes ?? []).map((probe) => ({ ...probe, roundTripMs: 1 }));
    const faults = observations.faults.map((one) => ({ ...one, probes }));
    expect(checksThat('inconclusive', outcomes({}, { faults }))).toEqual(ALL);
  });

  test('says when', () => {
    expect(checkOf('unready', PLAN, observed({})).reason).toBe('not ready 3.2 s after the dependency was lost (503)');
    expect(checkOf('ready-again', PLAN, observed({})).reason).toBe('ready 900 ms after the dependency was back');
  });
});
