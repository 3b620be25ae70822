import { describe, expect, test } from 'vitest';
import type { Attempt, DrillRequest, Observations } from '../../../lib/observe/observations.ts';
import { healthy, seen } from '../builders.ts';
import { seeded } from '../random.ts';
import { EDGE, checkOf, drillPlan, outcomesOf } from './plans.ts';

const PLAN = drillPlan({
  kind: 'cancellation',
  rate: '0/s',
  on: [{ edge: EDGE, request: { http: { url: 'http://x' } } }],
});
const STEP = PLAN.drills[0]?.steps[0] ?? { startMs: 0, endMs: 0 };
const SENT_MS = STEP.startMs + 500;
const COPIES = 10;
const AFTER_MS = 200;

interface Calls {
  /** How long after its client a call ends; undefined: it does not. */
  readonly wentOnMs: number | undefined;
  readonly traces?: boolean;
  readonly offsetMs?: number;
  /** How many of the clients had an answer in time. */
  readonly answered?: number;
  /** Tries that are made for the client when it has gone. */
  readonly againMs?: number;
  /** The caller gives the call up before its client does. */
  readonly startMs?: number;
}

/** Ten clients that went away after 200 ms, and the one call that was made for each. */
function observed({
  wentOnMs,
  traces = true,
  offsetMs = 0,
  answered = 0,
  againMs,
  startMs = SENT_MS + 1,
}: Calls): Observations {
  const copies = Array.from({ length: COPIES }, (_, copy) => copy);
  const trace = (copy: number) => ({ traceId: String(copy).padStart(32, '0') });
  const goneMs = SENT_MS + AFTER_MS;
  const requests = copies.map((copy): DrillRequest => {
    const ok = copy < answered;
    const [endMs, status] = ok ? [SENT_MS + 5, 'HTTP 200'] : [goneMs, 'canceled'];
    return { edge: EDGE, step: 'canceled', role: 'canceled', ...trace(copy), startMs: SENT_MS, endMs, status, ok };
  });
  const call = (copy: number, from: number, to: number | undefined): Attempt => ({
    edge: EDGE,
    operation: '/p.S/M',
    startMs: from + offsetMs,
    ...(to === undefined ? {} : { endMs: to + offsetMs }),
    ...(traces ? trace(copy) : {}),
    outcome: 'canceled',
  });
  const attempts = copies.flatMap((copy) => [
    copy < answered
      ? call(copy, startMs, SENT_MS + 4)
      : call(copy, startMs, wentOnMs === undefined ? undefined : goneMs + wentOnMs),
    ...(againMs === undefined ? [] : [call(copy, goneMs + againMs, goneMs + againMs + 2_000)]),
  ]);
  return { ...healthy(PLAN), attempts, drills: [{ drill: 'cancellation', requests, probes: [] }] };
}

function outcomeOf(calls: Calls): string {
  return checkOf('given-up', PLAN, observed(calls)).outcome;
}

describe('judgeCancellation', () => {
  test.each<[string, Calls, string]>([
    ['calls that end with their clients', { wentOnMs: 2 }, 'pass'],
    ['calls that end soon after', { wentOnMs: 999 }, 'pass'],
    ['calls that go on', { wentOnMs: 1_001 }, 'fail'],
    ['calls that never end', { wentOnMs: undefined }, 'fail'],
    ['calls that are made for clients that have gone', { wentOnMs: 2, againMs: 300 }, 'fail'],
    ['some clients were answered before', { wentOnMs: 2, answered: 5 }, 'pass'],
    ['most clients were answered before', { wentOnMs: 2, answered: 6 }, 'inconclusive'],
    ['most were answered, the others go on', { wentOnMs: 1_500, answered: 6 }, 'fail'],
    ['the caller gave up before', { wentOnMs: -50 }, 'inconclusive'],
    ['the calls came later', { wentOnMs: 300, startMs: SENT_MS + AFTER_MS + 50 }, 'inconclusive'],
  ])('%s', (_, calls, outcome) => {
    expect(outcomeOf(calls)).toBe(outcome);
  });

  test('clocks that are some milliseconds apart change nothing', () => {
    const random = seeded(1);
    for (let run = 0; run < 1_000; run += 1) {
      expect(outcomeOf({ wentOnMs: 5 * random(), offsetMs: 16 * random() - 8 })).toBe('pass');
    }
  });

  test('calls without a trace id, or none at all', () => {
    const untraced = checkOf('given-up', PLAN, observed({ wentOnMs: 2, traces: false }));
    expect(untraced).toMatchObject({ outcome: 'inconclusive', hint: expect.stringMatching(/trace context/) });
    const observations = observed({ wentOnMs: 2 });
    const none = checkOf('given-up', PLAN, { ...observations, attempts: [] });
    expect(none).toMatchObject({ outcome: 'inconclusive', reason: expect.stringMatching(/^only 0 of 10 clients/) });
    const unsent = { ...observations, drills: [{ drill: 'cancellation', requests: [], probes: [] }] };
    expect(checkOf('given-up', PLAN, unsent).outcome).toBe('inconclusive');
  });

  test('a fault that touched no traffic, a drill that was cut short or could not be carried out', () => {
    const observations = observed({ wentOnMs: 2 });
    const [fault] = PLAN.faults;
    if (fault === undefined) throw new Error('no fault');
    const signs = [{ atMs: 1, seen: false, detail: '0 of 0 requests were hit' }];
    const drills = observations.drills.map((drill) => ({ ...drill, problem: 'no way' }));
    for (const change of [{ faults: [seen(fault, { signs })] }, { loadEndMs: STEP.startMs + 700 }, { drills }]) {
      expect(outcomesOf(PLAN, { ...observations, ...change })).toEqual({ 'given-up': 'inconclusive' });
    }
  });
});
