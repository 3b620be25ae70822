import { describe, expect, test } from 'vitest';
import type { KillSwitchUseRecord } from '../../../chaos/drills/kill-switch.ts';
import { drillResults } from '../../../lib/judge/drills/picture.ts';
import type { Attempt, Observations } from '../../../lib/observe/observations.ts';
import { healthy } from '../builders.ts';
import { EDGE, checkOf, drillPlan, outcomesOf } from './plans.ts';
import { calls } from './traffic.ts';

/** Steady to 10 s, before to 14 s, engaged to 21.5 s, released to 29 s, control to 36.5 s, restored to 39 s. */
const KILL_SWITCH = {
  kind: 'kill-switch',
  traffic: { pricing: 'full' },
  edges: [{ edge: EDGE, calls: ['/cutover.v1.Pricing/*'] }],
  within: '2s',
  control: { edge: EDGE, fault: { kind: 'timeout', edge: EDGE }, for: '1s' },
};
const plan = drillPlan(KILL_SWITCH);

const STATE = '[{"engaged":true,"since":7}]';
const USES: readonly KillSwitchUseRecord[] = [
  { use: 'engaged', askedMs: 14_500, appliedMs: 14_520, state: STATE },
  { use: 'again', askedMs: 17_000, appliedMs: 17_020, state: STATE },
  { use: 'released', askedMs: 22_000, appliedMs: 22_020, state: '[{"engaged":false}]' },
  { use: 'control', askedMs: 29_500, appliedMs: 30_600, state: STATE },
  { use: 'restored', askedMs: 37_000, appliedMs: 37_020, state: '[{"engaged":false}]' },
];
/** Before, after the release until it is engaged again, and at the end. */
const TRAFFIC = [...calls(EDGE, 10_000, 14_510), ...calls(EDGE, 22_010, 30_600), ...calls(EDGE, 37_010, 39_000)];

function seenIn(attempts: readonly Attempt[] = TRAFFIC, uses: readonly KillSwitchUseRecord[] = USES): Observations {
  const sorted = attempts.toSorted((a, b) => a.startMs - b.startMs);
  const drill = { drill: 'kill-switch', requests: [], probes: [], records: { 'kill-switch': { uses } } };
  return { ...healthy(plan), attempts: sorted, drills: [drill] };
}

function changed(use: KillSwitchUseRecord['use'], changes: Partial<KillSwitchUseRecord>): KillSwitchUseRecord[] {
  return USES.map((one) => (one.use === use ? { ...one, ...changes } : one));
}

/** What could not be done has no state. */
function failed(use: KillSwitchUseRecord['use']): KillSwitchUseRecord[] {
  return USES.map((one) => (one.use === use ? { use, askedMs: one.askedMs, error: 'HTTP 500' } : one));
}

test('a kill switch that reaches everything passes', () => {
  const observations = seenIn();
  expect(outcomesOf(plan, observations)).toEqual({
    [EDGE]: 'pass',
    again: 'pass',
    releases: 'pass',
    control: 'pass',
  });
  expect(checkOf(EDGE, plan, observations)).toMatchObject({
    id: `drill:kill-switch:stops:${EDGE}`,
    catalogue: 'RBK-4',
    measured: 'last call after 0 ms',
  });
  const [result] = drillResults(plan, observations, []);
  expect(result?.details).toEqual([
    {
      kind: 'table',
      title: 'Calls to the candidate',
      columns: ['use', 'edge', 'before', 'last call after', 'calls too late'],
      rows: [
        ['engaged', EDGE, '50/s', '0 ms', '0'],
        ['engaged with its way disturbed', EDGE, '50/s', '1.09 s', '0'],
      ],
    },
  ]);
});

describe('a kill switch that', () => {
  const late = calls(EDGE, 16_600, 21_500, 5);
  const health = calls(EDGE, 16_600, 21_500, 5, '/grpc.health.v1.Health/Check');
  test.each<[string, Observations, Record<string, string>]>([
    ['does not reach a route', seenIn([...TRAFFIC, ...late]), { [EDGE]: 'fail' }],
    ['reaches it late, but in time', seenIn([...TRAFFIC, ...calls(EDGE, 14_510, 16_400)]), {}],
    ['leaves calls alone that are not looked at', seenIn([...TRAFFIC, ...health]), {}],
    [
      'does something the second time',
      seenIn(TRAFFIC, changed('again', { state: '[{"since":9}]' })),
      { again: 'fail' },
    ],
    ['fails the second time', seenIn(TRAFFIC, failed('again')), { again: 'fail' }],
    ['cannot be engaged', seenIn(TRAFFIC, failed('engaged')), { [EDGE]: 'inconclusive', again: 'inconclusive' }],
    ['cannot be released', seenIn(TRAFFIC, failed('released')), { releases: 'fail' }],
    [
      'brings no traffic back',
      seenIn([...calls(EDGE, 10_000, 14_510), ...calls(EDGE, 37_010, 39_000)]),
      { releases: 'fail' },
    ],
    ['does not get through', seenIn(TRAFFIC, failed('control')), { control: 'fail' }],
    ['gets through too late', seenIn([...TRAFFIC, ...calls(EDGE, 30_600, 33_000)]), { control: 'fail' }],
    [
      'has hardly any traffic to stop',
      seenIn(TRAFFIC.filter((_, index) => index % 50 === 0)),
      { [EDGE]: 'inconclusive', releases: 'inconclusive', control: 'inconclusive' },
    ],
    [
      'was never used',
      seenIn(TRAFFIC, []),
      { [EDGE]: 'inconclusive', again: 'inconclusive', releases: 'inconclusive', control: 'inconclusive' },
    ],
  ])('%s', (_, observations, expected) => {
    expect(outcomesOf(plan, observations)).toEqual({
      [EDGE]: 'pass',
      again: 'pass',
      releases: 'pass',
      control: 'pass',
      ...expected,
    });
  });
});
