import { describe, expect, test } from 'vitest';
import type { DrillRequest, Observations } from '../../../lib/observe/observations.ts';
import { healthy, seen } from '../builders.ts';
import { EDGE, checkOf, checksThat, drillPlan, outcomesOf } from './plans.ts';

const REQUEST = { http: { url: 'http://x' } };
const ALL = ['duplicates', 'cut', 'restart', 'versions'];
const PLAN = drillPlan({
  kind: 'idempotency',
  rate: '0/s',
  copies: 3,
  on: [{ edge: EDGE, write: REQUEST, effects: REQUEST }],
  restart: ['engine'],
  versions: [{ ledger: 'off' }, { ledger: 'full' }],
});
const STEPS = PLAN.drills[0]?.steps ?? [];

interface Seen {
  /** Answers of the step's writes, in order; a text that is no body stands for a status: "HTTP 409". */
  readonly replies: readonly string[];
  /** How many effects were listed; undefined: they could not be read. */
  readonly effects: number | undefined;
}

const HEALTHY: Readonly<Record<string, Seen>> = {
  duplicates: { replies: ['{}', '{}', '{}'], effects: 1 },
  cut: { replies: ['UNAVAILABLE', '{}', '{}', '{}'], effects: 1 },
  restart: { replies: ['{}', 'UNAVAILABLE', '{}'], effects: 1 },
  'version-1': { replies: ['{}'], effects: 1 },
  'version-2': { replies: ['{}'], effects: 1 },
};

function observed(change: Readonly<Record<string, Partial<Seen>>> = {}): Observations {
  const requests = STEPS.flatMap(({ step, startMs }): DrillRequest[] => {
    const { replies, effects } = { ...(HEALTHY[step] as Seen), ...change[step] };
    const common = { edge: EDGE, step, key: step, startMs, endMs: startMs + 5 };
    return [
      ...replies.map((reply, index): DrillRequest => {
        const role = index === 0 && step !== 'version-2' ? 'write' : 'repeat';
        const ok = reply.startsWith('{');
        return { ...common, role, ok, ...(ok ? { status: 'HTTP 200', body: reply } : { status: reply }) };
      }),
      effects === undefined
        ? { ...common, role: 'effects', status: 'HTTP 503', ok: false }
        : { ...common, role: 'effects', status: 'HTTP 200', ok: true, effects },
    ];
  });
  const cut = PLAN.faults.find(({ kind }) => kind === 'request-cut');
  return {
    ...healthy(PLAN),
    attempts: [
      { edge: EDGE, operation: '/p.S/M', startMs: (cut?.startMs ?? 0) + 600, outcome: 'cut', rule: cut?.name ?? '' },
    ],
    drills: [{ drill: 'idempotency', requests, probes: [] }],
  };
}

describe('judgeIdempotency', () => {
  test('one effect and one answer, also where a try failed', () => {
    expect(checksThat('pass', outcomesOf(PLAN, observed()))).toEqual(ALL);
  });

  test.each<[string, Partial<Seen>, string, RegExp]>([
    ['two effects', { effects: 2 }, 'fail', /^2 effects of one key$/],
    ['an answer without an effect', { effects: 0 }, 'fail', /acknowledged write has no effect/],
    ['different answers', { replies: ['{"id":1}', '{"id":2}'] }, 'fail', /^2 different replies: \{"id":1\} and/],
    ['a repeat that is refused', { replies: ['{}', '{}', 'HTTP 409'] }, 'fail', /^1 repeat refused \(HTTP 409\)/],
    ['the same over gRPC', { replies: ['{}', '{}', 'ALREADY_EXISTS'] }, 'fail', /^1 repeat refused/],
    ['a repeat that was to come later', { replies: ['{}', '{}', 'HTTP 429', 'HTTP 503'] }, 'pass', /./],
    ['effects that could not be read', { effects: undefined }, 'inconclusive', /effects could not be read$/],
    ['nothing answered', { replies: ['HTTP 503', 'UNAVAILABLE'], effects: 0 }, 'inconclusive', /not enough writes/],
    [
      'all refused: the request is wrong',
      { replies: ['HTTP 400', 'HTTP 400'], effects: 0 },
      'inconclusive',
      /not enough/,
    ],
    ['nothing sent', { replies: [], effects: 0 }, 'inconclusive', /not enough/],
    ['two effects, and nothing answered', { replies: ['HTTP 503'], effects: 2 }, 'fail', /^2 effects/],
  ])('%s', (_, parts, outcome, reason) => {
    for (const step of ['duplicates', 'cut', 'restart']) {
      const observations = observed({ [step]: parts });
      const check = checkOf(step, PLAN, observations);
      expect(check.reason).toMatch(reason);
      expect(check.outcome).toBe(outcome);
      // The others are not touched.
      expect(checksThat('pass', outcomesOf(PLAN, observations))).toEqual(
        expect.arrayContaining(ALL.filter((id) => id !== step)),
      );
    }
  });

  test.each<[string, Readonly<Record<string, Partial<Seen>>>, string]>([
    ['one write that was not repeated', { duplicates: { replies: ['{}'] } }, 'duplicates'],
    ['the first version did not answer', { 'version-1': { replies: ['HTTP 503'] } }, 'versions'],
    ['the second version did not answer', { 'version-2': { replies: ['HTTP 503'] } }, 'versions'],
    ['the second version could not be read', { 'version-2': { effects: undefined } }, 'versions'],
  ])('inconclusive: %s', (_, change, id) => {
    expect(checksThat('inconclusive', outcomesOf(PLAN, observed(change)))).toEqual([id]);
  });

  test.each<[string, Readonly<Record<string, Partial<Seen>>>]>([
    ['another answer', { 'version-2': { replies: ['{"id":2}'] } }],
    ['a second effect', { 'version-2': { effects: 2 } }],
    ['a refusal', { 'version-2': { replies: ['FAILED_PRECONDITION'] } }],
  ])('the second version: %s', (_, change) => {
    expect(checksThat('fail', outcomesOf(PLAN, observed(change)))).toEqual(['versions']);
  });

  test('a cut that never happened', () => {
    const observations = { ...observed(), attempts: [] };
    expect(checksThat('inconclusive', outcomesOf(PLAN, observations))).toEqual(['cut']);
    expect(checkOf('cut', PLAN, observations).reason).toMatch(/^no answer was lost/);
  });

  test('a restart that was not seen', () => {
    const observations = observed();
    const faults = PLAN.faults.map((fault) =>
      fault.kind === 'restart'
        ? seen(fault, { signs: [{ atMs: 1, seen: false, detail: 'no process runs' }] })
        : seen(fault),
    );
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, faults }))).toEqual(['restart']);
  });

  test('a drill that was cut short, or could not be carried out', () => {
    const observations = observed();
    const drills = observations.drills.map((drill) => ({ ...drill, problem: 'no way' }));
    expect(checksThat('inconclusive', outcomesOf(PLAN, { ...observations, drills }))).toEqual(ALL);
    const cut = { ...observations, loadEndMs: (STEPS[2]?.startMs ?? 0) + 4_000 };
    expect(checksThat('inconclusive', outcomesOf(PLAN, cut))).toEqual(['restart', 'versions']);
  });

  test('another edge, or another drill, is not looked at', () => {
    const observations = observed();
    const [drill] = observations.drills;
    const requests = (drill?.requests ?? []).map((request) => ({ ...request, edge: 'another', effects: 7 }));
    const drills = [...observations.drills, { drill: 'another', requests, probes: [] }];
    expect(checksThat('pass', outcomesOf(PLAN, { ...observations, drills }))).toEqual(ALL);
  });
});
