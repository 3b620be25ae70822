import { describe, expect, test } from 'vitest';
import { pictureGracefulStop } from '../../../lib/judge/drills/graceful-stop.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { DrillRequest, Observations } from '../../../lib/observe/observations.ts';
import { healthy } from '../builders.ts';
import { checkOf, drillPlan, outcomesOf } from './plans.ts';

const PLAN = drillPlan({
  kind: 'graceful-stop',
  services: [{ service: 'engine', request: { http: { url: 'http://x/' } } }],
});
const START = PLAN.drills[0]?.steps[0]?.startMs ?? 0;
/** 40 requests over a second, each 300 ms long, and SIGTERM in the middle. */
const SIGTERM = START + 1_000;

function requests(change: (request: DrillRequest, index: number) => DrillRequest = (same) => same): DrillRequest[] {
  return Array.from({ length: 40 }, (_, index) => {
    const startMs = START + 500 + index * 25;
    const late = startMs > SIGTERM;
    return change(
      {
        edge: 'engine',
        step: 'engine',
        role: 'request',
        key: `stop-${index}`,
        startMs,
        endMs: startMs + 300,
        status: late ? 'ECONNREFUSED' : 'HTTP 200',
        ok: !late,
      },
      index,
    );
  });
}

function observed(sent: readonly DrillRequest[], terminated = true): Observations {
  const marks = terminated ? [{ atMs: SIGTERM, step: 'engine', event: 'terminated', text: 'SIGTERM to engine' }] : [];
  return { ...healthy(PLAN), drills: [{ drill: 'graceful-stop', requests: sent, probes: [], marks }] };
}

const lost = (request: DrillRequest): DrillRequest => ({ ...request, status: 'ECONNRESET', ok: false });

describe('judgeGracefulStop', () => {
  test('what was in flight is answered: passes, whatever comes of later requests', () => {
    const check = checkOf('in-flight', PLAN, observed(requests()));
    expect(check).toMatchObject({ outcome: 'pass', catalogue: 'RBK-3', service: 'engine', evidence: { lost: 0 } });
    expect(check.events).toBeGreaterThanOrEqual(8);
  });

  test('a single request in flight that is lost is red, and named', () => {
    const seen = observed(requests((request, index) => (index === 12 ? lost(request) : request)));
    const check = checkOf('in-flight', PLAN, seen);
    expect(check).toMatchObject({ outcome: 'fail', evidence: { lost: 1, firstLost: 'stop-12' } });
    const drill = PLAN.drills[0] as Drill<'graceful-stop'>;
    expect(pictureGracefulStop({ drill, plan: PLAN, observations: seen }).details).toMatchObject([
      { kind: 'table', rows: [['stop-12', '200 ms', '100 ms', 'ECONNRESET']] },
    ]);
  });

  test('one that was sent just before the signal may have come too late: it shows nothing', () => {
    const just = requests((request, index) => (request.startMs > SIGTERM - 50 && index < 21 ? lost(request) : request));
    expect(outcomesOf(PLAN, observed(just))).toEqual({ 'in-flight': 'pass' });
  });

  test('a request that was too slow anyway is not lost by the stop', () => {
    const late = requests((request, index) => (index === 12 ? { ...lost(request), status: 'HTTP 504' } : request));
    expect(outcomesOf(PLAN, observed(late))).toEqual({ 'in-flight': 'pass' });
  });

  test('too few in flight, requests that fail anyway, and no signal decide nothing', () => {
    const quick = requests((request) => ({ ...request, endMs: request.startMs + 5 }));
    expect(outcomesOf(PLAN, observed(quick))).toEqual({ 'in-flight': 'inconclusive' });
    const refused = requests((request) => ({ ...lost(request), status: 'HTTP 401' }));
    expect(outcomesOf(PLAN, observed(refused))).toEqual({ 'in-flight': 'inconclusive' });
    expect(outcomesOf(PLAN, observed(requests(), false))).toEqual({ 'in-flight': 'inconclusive' });
  });
});
