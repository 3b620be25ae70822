import { describe, expect, test } from 'vitest';
import type { ContextProbe, RequestTrace, TracesObservation } from '../../../lib/observe/traces/observation.ts';
import { MALFORMED } from '../../../lib/observe/traces/context-forms.ts';
import { judgeTraces, tracesSection } from '../../../lib/judge/traces/judge-traces.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { type TracesPlan, tracesSchema } from '../../../lib/plan/schema/traces.ts';
import { sectionSchema } from '../../../reports/model/verdict.ts';
import { CUT, healthy, planOf, times } from '../builders.ts';
import { drillPlan } from '../drills/plans.ts';

const ID = 'a'.repeat(32);

function request(changes: Partial<RequestTrace> = {}): RequestTrace {
  return {
    traceId: ID,
    source: 'load',
    operation: 'quote',
    protocol: 'http',
    outcome: 'ok',
    status: 'HTTP 200',
    answered: true,
    startMs: 6_000,
    endMs: 6_005,
    spans: 4,
    services: ['engine', 'monolith'],
    orphans: [],
    roots: [],
    retried: false,
    failedIn: [],
    ...changes,
  };
}

const ORPHAN = request({ orphans: ['engine quote'] });
const FAILED = request({
  outcome: 'failed',
  status: 'HTTP 503',
  failedIn: ['monolith'],
  services: ['monolith'],
  logged: { monolith: [] },
});
const RETRIED = request({ retried: true });

interface Parts {
  readonly traces?: object;
  readonly requests?: readonly RequestTrace[];
  readonly seen?: Partial<TracesObservation>;
  readonly plan?: Plan;
}

function subject({
  traces = {},
  requests = times(600, request()),
  seen = {},
  plan = planOf({}),
}: Parts): [Plan, Observations] {
  const parsed: TracesPlan = tracesSchema.parse(traces);
  const observation: TracesObservation = {
    received: {
      spans: 4 * requests.length,
      duplicates: 0,
      invalid: 0,
      dropped: 0,
      unreadable: 0,
      byService: { monolith: 10 },
    },
    requests,
    dropped: 0,
    settled: true,
    drawn: [],
    strays: [],
    malformed: [],
    ...seen,
  };
  return [
    { ...plan, traces: parsed },
    { ...healthy(plan), traces: observation },
  ];
}

function outcomes(parts: Parts): Record<string, string> {
  return Object.fromEntries(judgeTraces(...subject(parts)).map(({ id, outcome }) => [id, outcome]));
}

function only(parts: Parts, id = 'traces:connected') {
  const found = judgeTraces(...subject(parts)).find((check) => check.id === id);
  if (found === undefined) throw new Error(`no check ${id}`);
  return found;
}

test('nothing is judged that nobody asked for', () => {
  expect(judgeTraces(planOf({}), healthy(planOf({})))).toEqual([]);
  expect(tracesSection(planOf({}), healthy(planOf({})), [])).toBeUndefined();
});

describe('each request is one connected trace', () => {
  test.each<readonly [string, readonly RequestTrace[], string]>([
    ['all are', times(600, request()), 'pass'],
    ['one of a thousand is not, which is allowed', [...times(999, request()), ORPHAN], 'pass'],
    // 2 of 600 are more than 0.1 %, but may come about with fewer than that.
    ['a few are not', [...times(598, request()), ORPHAN, ORPHAN], 'inconclusive'],
    ['many are not', [...times(570, request()), ...times(30, ORPHAN)], 'fail'],
    ['spans hang on nothing', times(600, request({ roots: ['engine quote'] })), 'fail'],
    ['no span came of requests that were answered', times(600, request({ spans: 0, services: [] })), 'fail'],
    [
      'no span came of requests that never arrived',
      times(600, request({ spans: 0, services: [], answered: false })),
      'inconclusive',
    ],
    ['too few', times(499, request()), 'inconclusive'],
    ['none of the load', times(600, request({ source: 'harness' })), 'inconclusive'],
  ])('%s', (_, requests, outcome) => {
    expect(only({ requests }).outcome).toBe(outcome);
  });

  test('a red one names what is broken, and who began traces of its own', () => {
    const strays = [{ service: 'engine', name: 'quote', kind: 'server', traces: 300 }];
    const check = only({ requests: times(600, ORPHAN), seen: { strays } });
    expect(check).toMatchObject({ kind: 'traces', catalogue: 'TRC-1', outcome: 'fail', events: 600 });
    expect(check.reason).toContain(`${ID} engine quote hangs on a span that never came`);
    expect(check.reason).toContain('engine began 300 traces of its own (quote)');
  });

  test.each<readonly [string, Partial<TracesObservation>]>([
    [
      'no span came at all',
      { received: { spans: 0, duplicates: 0, invalid: 0, dropped: 0, unreadable: 0, byService: {} } },
    ],
    [
      'more spans than are kept',
      { received: { spans: 9, duplicates: 0, invalid: 0, dropped: 3, unreadable: 0, byService: {} } },
    ],
    ['more requests than are kept', { dropped: 1 }],
  ])('%s: nothing is learnt', (_, seen) => {
    expect(only({ requests: times(600, ORPHAN), seen }).outcome).toBe('inconclusive');
  });
});

describe('services that a trace must reach', () => {
  const expect2 = [{ operation: 'quote', services: ['monolith', 'engine'] }];
  const alone = request({ services: ['monolith'] });

  test.each<readonly [string, object, RequestTrace, string]>([
    ['it does not', { expect: expect2 }, alone, 'fail'],
    ['nothing is declared', {}, alone, 'pass'],
    ['another operation', { expect: [{ operation: 'list', services: ['engine'] }] }, alone, 'pass'],
    ['every operation', { expect: [{ operation: '*', services: ['engine'] }] }, alone, 'fail'],
    ['another protocol', { expect: [{ ...expect2[0], protocol: 'grpc' }] }, alone, 'pass'],
    ['a request that failed need not', { expect: expect2 }, { ...alone, outcome: 'failed' }, 'pass'],
    [
      'nor one in another phase than the steady one',
      { expect: expect2 },
      { ...alone, startMs: 16_000, endMs: 16_010 },
      'pass',
    ],
    [
      'unless that is declared',
      { expect: [{ ...expect2[0], phases: ['fault'] }] },
      { ...alone, startMs: 16_000, endMs: 16_010 },
      'fail',
    ],
    ['one that reaches into the next phase', { expect: expect2 }, { ...alone, startMs: 14_990, endMs: 15_010 }, 'pass'],
  ])('%s', (_, traces, one, outcome) => {
    expect(only({ traces, requests: times(600, one) }).outcome).toBe(outcome);
  });
});

describe('requests that are not judged', () => {
  const bad = times(100, ORPHAN);
  const good = times(600, request());

  test('those of drills', () => {
    const plan = drillPlan({ kind: 'collector' });
    const during = bad.map((one) => ({ ...one, startMs: 12_000, endMs: 12_010 }));
    expect(only({ plan, requests: [...good, ...during] }).outcome).toBe('pass');
  });

  test('those near the end of a process, whose spans went with it', () => {
    const kill = { name: 'kill', service: 'engine', kind: 'kill' as const, startMs: 20_000, endMs: 22_000 };
    const near = bad.map((one) => ({ ...one, startMs: 16_000, endMs: 16_010 }));
    expect(only({ plan: planOf({ faults: [kill] }), requests: [...good, ...near] }).outcome).toBe('pass');
    expect(only({ plan: planOf({ faults: [CUT] }), requests: [...good, ...near] }).outcome).toBe('fail');
    const far = bad.map((one) => ({ ...one, startMs: 10_000, endMs: 10_010 }));
    expect(only({ plan: planOf({ faults: [kill] }), requests: [...good, ...far] }).outcome).toBe('fail');
  });

  test('the last ones, where spans still came', () => {
    const last = bad.map((one) => ({ ...one, startMs: 33_000, endMs: 33_010 }));
    expect(only({ requests: [...good, ...last], seen: { settled: false } }).outcome).toBe('pass');
    expect(only({ requests: [...good, ...last] }).outcome).toBe('fail');
  });
});

test('retries and failures are judged by themselves, and must have been', () => {
  const traces = { minRetried: 20, minFailed: 20 };
  const all = [...times(600, request()), ...times(30, RETRIED), ...times(30, FAILED)];
  expect(outcomes({ traces, requests: all })).toEqual({
    'traces:connected': 'pass',
    'traces:retried': 'pass',
    'traces:failed': 'pass',
  });
  expect(outcomes({ traces })).toMatchObject({ 'traces:retried': 'inconclusive', 'traces:failed': 'inconclusive' });
  const brokenRetries = [...times(9_000, request()), ...times(20, { ...RETRIED, roots: ['engine quote'] })];
  expect(outcomes({ traces, requests: brokenRetries })).toMatchObject({ 'traces:retried': 'fail' });
});

describe('malformed traceparents', () => {
  const probe = (form: string, changes: Partial<ContextProbe> = {}): ContextProbe => ({
    request: 0,
    form,
    startMs: 1,
    endMs: 2,
    status: 'OK',
    ok: true,
    taken: [],
    traced: true,
    ...changes,
  });
  const traces = { malformed: [{ http: { url: 'http://shop/x' } }] };
  const compared = [...times(3, probe('valid')), ...times(6, probe('none'))];
  const wellFormed = [...compared, ...MALFORMED.flatMap(({ form }) => times(3, probe(form)))];
  const change = (form: string, changes: Partial<ContextProbe>) =>
    wellFormed.map((one) => (one.form === form ? { ...one, ...changes } : one));

  test.each<readonly [string, readonly ContextProbe[], string]>([
    ['each starts a new trace', wellFormed, 'pass'],
    ['one is taken over', change('upper case', { taken: ['monolith quote'] }), 'fail'],
    ['one is refused', change('version ff', { ok: false, status: 'HTTP 400' }), 'fail'],
    ['one starts no trace', change('without flags', { traced: false }), 'fail'],
    [
      'one copy of a form was not seen',
      wellFormed.map((one, index) => (index === 12 ? { ...one, traced: false } : one)),
      'pass',
    ],
    [
      'requests without one are not always traced',
      [...change('without flags', { traced: false }), probe('none', { traced: false })],
      'inconclusive',
    ],
    ['the request fails anyhow', wellFormed.map((one) => ({ ...one, ok: false, status: 'HTTP 500' })), 'inconclusive'],
    ['nothing was sent', [], 'inconclusive'],
    ['the phase ended before', compared, 'inconclusive'],
  ])('%s', (_, malformed, outcome) => {
    expect(only({ traces, seen: { malformed } }, 'traces:malformed').outcome).toBe(outcome);
  });

  test('each request is judged', () => {
    const two = { malformed: [...traces.malformed, ...traces.malformed] };
    expect(only({ traces: two, seen: { malformed: wellFormed } }, 'traces:malformed').outcome).toBe('inconclusive');
    const both = [...wellFormed, ...wellFormed.map((one) => ({ ...one, request: 1 }))];
    expect(only({ traces: two, seen: { malformed: both } }, 'traces:malformed').outcome).toBe('pass');
  });
});

describe('logs', () => {
  const traces = { logs: { services: ['monolith', 'engine'], fields: ['code'] } };
  const both = request({ outcome: 'failed', failedIn: ['monolith', 'engine'], logged: { monolith: [], engine: [] } });
  const judged = (requests: readonly RequestTrace[]) => {
    const { 'logs:monolith': monolith, 'logs:engine': engine } = outcomes({ traces, requests });
    return [monolith, engine];
  };

  test.each<readonly [string, readonly RequestTrace[], readonly string[]]>([
    ['each failure has its line in both', times(120, both), ['pass', 'pass']],
    ['in one there is none', times(120, { ...both, logged: { monolith: [] } }), ['pass', 'fail']],
    [
      'in one a field is missing',
      times(120, { ...both, logged: { monolith: [], engine: ['code'] } }),
      ['pass', 'fail'],
    ],
    ['hardly any failed in one', [...times(120, FAILED), ...times(20, both)], ['pass', 'inconclusive']],
    ['one in a hundred may lack it', [...times(198, both), { ...both, logged: {} }], ['pass', 'pass']],
    ['a few more', [...times(197, both), ...times(3, { ...both, logged: {} })], ['inconclusive', 'inconclusive']],
    // A call that failed and was made again, with success, is no failed request.
    [
      'what only failed on the way',
      [...times(120, both), ...times(80, request({ failedIn: ['engine'] }))],
      ['pass', 'pass'],
    ],
  ])('%s', (_, requests, expected) => {
    expect(judged(requests)).toEqual(expected);
  });
});

test('the report has what it needs', () => {
  const traces = { logs: { services: ['monolith'] }, malformed: [{ http: { url: 'http://{{shop}}/x' } }] };
  const drawn = [
    {
      why: 'slow' as const,
      traceId: ID,
      title: 'quote',
      more: 2,
      spans: [{ service: 'monolith', name: 'quote', depth: 0, startMs: 0, endMs: 5, status: 'ok' }],
    },
  ];
  const malformed = [
    { request: 0, form: 'valid', startMs: 1, endMs: 2, status: 'OK', ok: true, taken: [], traced: true },
  ];
  const strays = [{ service: 'engine', name: 'quote', kind: 'server', traces: 3 }];
  const [plan, observations] = subject({
    traces,
    requests: [
      ...times(600, request()),
      ...times(25, request({ ...ORPHAN, outcome: 'failed', failedIn: ['monolith'] })),
    ],
    seen: { drawn, malformed, strays },
  });
  const section = sectionSchema.parse(tracesSection(plan, observations, judgeTraces(plan, observations)));
  expect(section.checks).toEqual(['traces:connected', 'traces:malformed', 'logs:monolith']);
  expect(section.details.map(({ kind, title }) => [kind, title])).toEqual([
    ['trace', 'the slowest request: quote (2 spans more)'],
    ['table', 'requests whose trace or log is not whole'],
    ['table', 'traces that services began themselves'],
    ['table', 'requests by their traceparent'],
  ]);
  const table = section.details[1];
  expect(table).toMatchObject({ more: { rows: 5, file: 'traces.ndjson' } });
  expect(table?.kind === 'table' && table.rows[0]).toEqual([
    ID,
    '6 s',
    'quote over http',
    'HTTP 200',
    'engine quote hangs on a span that never came; no line in monolith',
  ]);
  expect(section.details[3]).toMatchObject({ rows: [['GET /x', 'valid', '1', 'OK', '1', '–']] });
});
