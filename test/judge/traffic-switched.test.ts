import { describe, expect, test } from 'vitest';
import { judge, overall } from '../../lib/judge/judge.ts';
import { judgeTraffic } from '../../lib/judge/traffic-switched.ts';
import type { Observations, SwitchObservation } from '../../lib/observe/observations.ts';
import type { Phase } from '../../lib/plan/plan.ts';
import { budgets, healthy, phases, planOf } from './builders.ts';

const [first, second, third] = phases(['old', 10, 100], ['new', 10, 100], ['newer', 10, 100]) as [Phase, Phase, Phase];
const PLAN = planOf({
  budgets: budgets({ kind: 'errors', phase: 'new', atMost: '1%' }),
  phases: [first, { ...second, traffic: { pricing: 'full' } }, { ...third, traffic: { pricing: 'full' } }],
});

function switched(phase: string, askedMs: number, appliedMs?: number, error?: string): SwitchObservation {
  return { phase, askedMs, appliedMs, error };
}

function judged(switches: readonly SwitchObservation[], parts: Partial<Observations> = {}) {
  const [check] = judgeTraffic(PLAN, { ...healthy(PLAN), switches, ...parts });
  return check;
}

describe('judgeTraffic', () => {
  test.each<[string, ReturnType<typeof judged>, string, RegExp]>([
    ['applied', judged([switched('new', 10_000, 10_040), switched('newer', 20_000, 20_010)]), 'pass', /every phase/],
    ['what is in force is not asked for again', judged([switched('new', 10_000, 10_040)]), 'pass', /every phase/],
    ['refused', judged([switched('new', 10_000, undefined, 'answered 503')]), 'inconclusive', /^new: answered 503$/],
    ['too late', judged([switched('new', 10_000, 20_000)]), 'inconclusive', /^new: .* only after the phase$/],
    ['never asked', judged([]), 'inconclusive', /^new: the switch was not asked$/],
    ['not reached', judged([], { loadEndMs: 9_000 }), 'inconclusive', /^not reached/],
    ['reached in part', judged([switched('new', 10_000, 10_040)], { loadEndMs: 15_000 }), 'pass', /./],
  ])('%s', (_, check, outcome, reason) => {
    expect(check?.reason).toMatch(reason);
    expect(check?.outcome).toBe(outcome);
  });

  test('tells how long it took', () => {
    expect(judged([switched('new', 10_000, 10_040)])?.measured).toBe('1 switch, in force after 40 ms at most');
  });

  test('is asked only where traffic moves, and keeps a run from passing', () => {
    expect(judgeTraffic(planOf({}), healthy(planOf({})))).toEqual([]);
    expect(overall(judge(PLAN, { ...healthy(PLAN), switches: [switched('new', 10_000, 10_040)] }))).toBe('pass');
    expect(overall(judge(PLAN, healthy(PLAN)))).toBe('inconclusive');
  });
});
