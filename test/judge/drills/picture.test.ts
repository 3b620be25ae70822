import { describe, expect, test } from 'vitest';
import { judgeDrills } from '../../../lib/judge/drills/judge-drills.ts';
import { drillResults } from '../../../lib/judge/drills/picture.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { type DrillResult, drillSchema } from '../../../reports/model/verdict.ts';
import { isEdgeDrillResult } from '../../../reports/format/drills.ts';
import { healthy } from '../builders.ts';
import { breakerRun, contractOf } from './breaker-contract.ts';
import { EDGE, QUOTES, drillPlan } from './plans.ts';
import { simulate } from './simulate.ts';

function picture(plan: Plan, observations: Observations): DrillResult {
  const [first] = drillResults(plan, observations, judgeDrills(plan, observations));
  if (first === undefined) throw new Error('no drill');
  expect(drillSchema.parse(JSON.parse(JSON.stringify(first)))).toEqual(first);
  return first;
}

function sum(bins: readonly number[]): number {
  return bins.reduce((all, calls) => all + calls, 0);
}

describe('drillResults', () => {
  test('every call of the drill is in one bin, by what became of it', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const defect = ([undefined, 'never-opens', 'stampede'] as const)[seed % 3];
      const { plan, observations } = breakerRun(contractOf(seed, [60]), seed, defect);
      const shown = picture(plan, observations);
      if (!isEdgeDrillResult(shown)) throw new Error('a breaker drill is on an edge');
      const { arrivals, startMs, endMs, binMs } = shown;
      const calls = observations.attempts.filter((attempt) => attempt.startMs >= startMs && attempt.startMs < endMs);
      const of = (...outcomes: string[]) => calls.filter(({ outcome }) => outcomes.includes(outcome)).length;
      expect(sum(arrivals.answered)).toBe(of('answered'));
      expect(sum(arrivals.canceled)).toBe(of('canceled'));
      expect(sum(arrivals.failed)).toBe(of('failed', 'cut', 'broken'));
      for (const bins of Object.values(arrivals)) expect(bins).toHaveLength(Math.ceil((endMs - startMs) / binMs));
    }
  });

  test('the marks of a breaker are in order: opened, probes, probes that hang, closed', () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const contract = contractOf(seed, [60]);
      const { plan, observations } = breakerRun(contract, seed);
      const { marks } = picture(plan, observations);
      expect(marks.map(({ atMs }) => atMs)).toEqual(marks.map(({ atMs }) => atMs).toSorted((a, b) => a - b));
      const words = marks.map(({ text }) => text.replace(/ after .*/, ''));
      expect(words.filter((word, index) => word !== words[index - 1])).toEqual([
        'opened',
        'probe',
        'probe hangs',
        'closed',
      ]);
      // Three open times, and a second more, and as long again against the hanging callee.
      expect(words.length).toBeLessThanOrEqual(12);
    }
  });

  test('steps and their faults, and the checks', () => {
    const { plan, observations } = breakerRun({ ...contractOf(1, [60]), threshold: 3, callTimeoutMs: 300 }, 1);
    const { steps, checks, startMs, endMs, kind, edge, contract } = picture(plan, observations);
    expect({ kind, edge }).toEqual({ kind: 'circuit-breaker', edge: EDGE });
    expect(contract).toMatch(/^opens after 3 failures in a row/);
    expect(steps.map(({ name, detail }) => `${name}: ${detail}`)).toEqual([
      'below: 2 of each 9 requests answered with UNAVAILABLE on orders-pricing',
      'client-errors: requests answered with INVALID_ARGUMENT on orders-pricing',
      'slow: requests late by 240ms on orders-pricing',
      'settle: no fault',
      'failing: requests answered with UNAVAILABLE on orders-pricing',
      'hanging: requests never answered on orders-pricing',
      'healed: no fault',
    ]);
    expect([steps[0]?.startMs, steps.at(-1)?.endMs]).toEqual([startMs, endMs]);
    expect(checks).toEqual(judgeDrills(plan, observations).map(({ id }) => id));
  });

  test('a breaker that never opened, or was never reached, has no marks', () => {
    const { plan, observations } = breakerRun(contractOf(1, [60]), 1, 'never-opens');
    expect(picture(plan, observations).marks).toEqual([]);
    expect(picture(plan, { ...observations, attempts: [] }).marks).toEqual([]);
  });

  test('the marks of the other kinds', () => {
    const retry = drillPlan({ kind: 'retry', on: [QUOTES] });
    expect(picture(retry, simulate({ plan: retry, seed: 1, caller: {} })).marks).toMatchObject([
      { text: 'well again' },
    ]);

    const timeout = drillPlan({ kind: 'timeout', on: [QUOTES], deadline: '1s' });
    expect(picture(timeout, healthy(timeout)).marks).toEqual([]);

    const probe = { http: 'http://x/readyz' };
    const on = { edge: EDGE, service: 'monolith', ready: probe, live: probe };
    const readiness = drillPlan({ kind: 'readiness', on: [on], period: '1s', threshold: 1 });
    const told = { edge: EDGE, probe: 'ready', detail: '' } as const;
    const probes = [
      { ...told, atMs: 14_000, up: false },
      { ...told, atMs: 11_000, up: true },
      { ...told, edge: 'another', atMs: 11_000, up: true },
    ];
    const drills = [{ drill: 'readiness', requests: [], probes }];
    expect(picture(readiness, { ...healthy(readiness), drills }).marks).toEqual([
      { atMs: 11_000, text: 'ready' },
      { atMs: 14_000, text: 'not ready' },
    ]);

    const cancellation = drillPlan({
      kind: 'cancellation',
      on: [{ edge: EDGE, request: { http: { url: 'http://x' } } }],
    });
    const sent = {
      edge: EDGE,
      step: 'canceled',
      role: 'canceled',
      startMs: 10_500,
      status: 'canceled',
      ok: false,
    } as const;
    const requests = [10_700, 10_701].map((endMs) => ({ ...sent, endMs }));
    const seen = { ...healthy(cancellation), drills: [{ drill: 'cancellation', requests, probes: [] }] };
    expect(picture(cancellation, seen).marks).toEqual([{ atMs: 10_700, text: 'clients went away' }]);
  });
});
