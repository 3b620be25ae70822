import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MALFORMED } from '../../../lib/observe/traces/context-forms.ts';
import type { TracesObservation } from '../../../lib/observe/traces/observation.ts';
import { readTraces } from '../../../lib/observe/traces/traces-file.ts';
import { needsCollector, watchTraces } from '../../../lib/observe/traces/watch-traces.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import { tracesSchema } from '../../../lib/plan/schema/traces.ts';
import { encodeTraceLine } from '../../../scenarios/support/trace-line.ts';
import { type TestContext, testContext } from '../../helpers/run-context.ts';
import { phases, planOf } from '../../judge/builders.ts';
import { type TestSpan, encodeSpans, spanId, traceId } from './otlp.ts';

let context: TestContext;
beforeEach(async () => {
  context = await testContext();
  mkdirSync(join(context.folder, 'logs'), { recursive: true });
});
afterEach(() => context[Symbol.asyncDispose]());

function planWith(traces: object): Plan {
  return { ...planOf({ phases: phases(['steady', 3, 10]) }), traces: tracesSchema.parse(traces) };
}

async function exportTo(address: string, spans: readonly TestSpan[]): Promise<void> {
  const response = await fetch(`http://${address}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: encodeSpans(spans) as NonNullable<RequestInit['body']>,
  });
  expect(response.status).toBe(200);
}

/** Requests as a scenario tells of them: trace ids 1, 2, …, client's span 0xc0 and the number. */
function told(...outcomes: readonly ('ok' | 'failed')[]): string {
  return outcomes
    .map((outcome, index) =>
      JSON.stringify({
        level: 'info',
        msg: encodeTraceLine({
          traceparent: `00-${traceId(index + 1)}-${spanId(0xc0 + index + 1)}-01`,
          name: 'quote',
          protocol: 'http',
          outcome,
          status: outcome === 'ok' ? 200 : 503,
          startMs: START + 100 * index,
          endMs: START + 100 * index + 10 * (index + 1),
        }),
      }),
    )
    .join('\n');
}

const START = 1_700_000_000_000;

async function finished(plan: Plan, lines: string, spans: readonly TestSpan[]): Promise<TracesObservation> {
  writeFileSync(join(context.folder, 'sampled.ndjson'), lines);
  await using watch = await watchTraces(plan);
  await exportTo(watch.placeholders.get('otlp.http') ?? '', spans);
  const seen = await watch.finish({ folder: context.folder, startEpochMs: START, signal: context.signal });
  if (seen === undefined) throw new Error('there are traces');
  return seen;
}

const below = (trace: number, id: number, changes: Partial<TestSpan> = {}): TestSpan => ({
  traceId: traceId(trace),
  spanId: spanId(id),
  parentId: spanId(0xc0 + trace),
  service: 'monolith',
  name: 'quote',
  kind: 'server',
  startMs: START + id,
  endMs: START + id + 5,
  ...changes,
});

test('requests, spans and log lines are put together', async () => {
  writeFileSync(
    join(context.folder, 'logs', 'monolith.log'),
    `${JSON.stringify({ trace_id: traceId(2), code: 'UNAVAILABLE' })}\n`,
  );
  writeFileSync(join(context.folder, 'logs', 'engine.log'), 'nothing\n');
  const plan = planWith({ logs: { services: ['monolith', 'engine'], fields: ['code', 'service'] } });
  const seen = await finished(plan, told('ok', 'failed', 'ok', 'ok'), [
    below(1, 1),
    below(1, 2, { parentId: spanId(1), kind: 'client', failure: 'timeout', endMs: START + 3 }),
    below(1, 3, { parentId: spanId(1), kind: 'client', startMs: START + 4 }),
    below(1, 4, { parentId: spanId(3), service: 'engine', startMs: START + 5 }),
    below(2, 5, { failure: 'UNAVAILABLE' }),
    below(3, 6),
    below(3, 7, { parentId: spanId(77), service: 'engine' }),
    below(9, 8, { parentId: '', service: 'engine', name: 'stray' }),
    below(10, 9, { parentId: '', service: 'engine', name: 'stray' }),
  ]);
  expect(seen.requests).toMatchObject([
    { traceId: traceId(1), spans: 4, services: ['engine', 'monolith'], retried: true, orphans: [], roots: [] },
    { spans: 1, failedIn: ['monolith'], logged: { monolith: ['service'] }, outcome: 'failed', status: 'HTTP 503' },
    { spans: 2, orphans: ['engine quote'], retried: false },
    { spans: 0, services: [] },
  ]);
  expect(seen.requests[1]?.logged).not.toHaveProperty('engine');
  expect(seen.requests[0]).not.toHaveProperty('logged');
  expect(seen.strays).toEqual([{ service: 'engine', name: 'stray', kind: 'server', traces: 2 }]);
  expect(seen.received).toMatchObject({ spans: 9, byService: { monolith: 5, engine: 4 } });
  expect(seen.settled).toBe(true);
  // The slowest that has a trace, a failure, a retry, and what is broken.
  expect(Object.fromEntries(seen.drawn.map(({ why, traceId: of }) => [why, of]))).toEqual({
    broken: traceId(3),
    failed: traceId(2),
    retried: traceId(1),
    slow: traceId(3),
  });
  expect(seen.drawn.find(({ why }) => why === 'retried')?.spans).toMatchObject([
    { service: 'monolith', depth: 0, startMs: 0, endMs: 5, status: 'ok' },
    { depth: 1, status: 'timeout' },
    { depth: 1, status: 'ok', note: 'retry 1' },
    { service: 'engine', depth: 2 },
  ]);
  expect(readTraces(readFileSync(join(context.folder, 'traces.ndjson'), 'utf8'))).toEqual(seen.requests);
});

test('late spans are waited for, but not for ever', async () => {
  writeFileSync(join(context.folder, 'sampled.ndjson'), told('ok'));
  await using watch = await watchTraces(planWith({ settle: '2s' }));
  const to = watch.placeholders.get('otlp.http') ?? '';
  let id = 1;
  const timer = setInterval(() => void exportTo(to, [below(1, id++)]).catch(() => {}), 200);
  try {
    const seen = await watch.finish({ folder: context.folder, startEpochMs: START, signal: context.signal });
    expect(seen?.settled).toBe(false);
    expect(seen?.requests[0]?.spans).toBeGreaterThan(3);
  } finally {
    clearInterval(timer);
  }
});

test.each<readonly [string, Partial<Plan>, boolean]>([
  ['nothing', {}, false],
  ['traces', { traces: tracesSchema.parse({}) }, true],
  ["a service's setting", { load: { ...planOf({}).load, env: { OTLP: 'http://{{ otlp.http }}' } } }, true],
])('a collector for %s', (_, changes, needed) => {
  expect(needsCollector({ ...planOf({}), ...changes })).toBe(needed);
});

test('where nobody asks about traces, spans are taken and thrown away', async () => {
  await using watch = await watchTraces(planOf({}));
  await exportTo(watch.placeholders.get('otlp.http') ?? '', [below(1, 1)]);
  expect(watch.collector.counts()).toEqual({ spans: {}, held: 0 });
  expect(await watch.finish({ folder: context.folder, startEpochMs: 0, signal: context.signal })).toBeUndefined();
});

describe("the harness's own requests", () => {
  const VALID = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

  /** An HTTP server that traces each request, and does with a malformed context what it is told to. */
  async function traced(collector: () => string, onMalformed: 'start anew' | 'take over' | 'refuse' | 'trace nothing') {
    let next = 1;
    const server = createServer((request, response) => {
      const header = request.headers['traceparent'];
      const text = typeof header === 'string' ? header : '';
      const ok = header === undefined || VALID.test(text);
      const failing = request.url === '/unknown';
      const id = spanId(next++);
      const [, trace = '', parent = ''] = /-([^-]*)-([^-]*)/.exec(text) ?? [];
      const anew = { traceId: traceId(0xf000 + next), parentId: '' };
      const given = { traceId: trace.toLowerCase().slice(0, 32).padEnd(32, '0'), parentId: parent.toLowerCase() };
      const parentage = VALID.test(text) || (!ok && onMalformed === 'take over') ? given : anew;
      const span = {
        ...parentage,
        spanId: id,
        service: 'shop',
        name: 'buy',
        kind: 'server' as const,
        startMs: Date.now(),
        endMs: Date.now(),
        failure: failing ? 'NOT_FOUND' : undefined,
      };
      const send =
        !ok && onMalformed === 'trace nothing' ? Promise.resolve() : exportTo(collector(), [span]).catch(() => {});
      void send.then(() => response.writeHead(failing ? 404 : !ok && onMalformed === 'refuse' ? 400 : 200).end('{}'));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  async function probed(onMalformed: Parameters<typeof traced>[1]): Promise<TracesObservation> {
    let to = '';
    await using server = await traced(() => to, onMalformed);
    const plan = planWith({
      malformed: [{ http: { url: `${server.url}/` } }],
      logs: { services: ['monolith'], failing: [{ http: { url: `${server.url}/unknown` } }], copies: 4 },
    });
    await using watch = await watchTraces(plan);
    to = watch.placeholders.get('otlp.http') ?? '';
    const startedMs = performance.now();
    const startEpochMs = Date.now();
    watch.probe({
      runId: 'test',
      root: '/',
      resolve: (text) => text,
      nowMs: () => performance.now() - startedMs,
      signal: context.signal,
    });
    const seen = await watch.finish({ folder: context.folder, startEpochMs, signal: context.signal });
    if (seen === undefined) throw new Error('there are traces');
    return seen;
  }

  const of = (seen: TracesObservation, form: string) => seen.malformed.filter((probe) => probe.form === form);
  const malformed = (seen: TracesObservation) =>
    seen.malformed.filter(({ form }) => form !== 'valid' && form !== 'none');

  test('a service that starts anew', async () => {
    const seen = await probed('start anew');
    expect(malformed(seen)).toHaveLength(3 * MALFORMED.length);
    for (const probe of seen.malformed)
      expect(probe).toMatchObject({ ok: true, status: 'HTTP 200', taken: [], traced: true });
    expect(of(seen, 'valid')).toHaveLength(3);
    expect(of(seen, 'none')).toHaveLength(6);
    expect(seen.strays).toEqual([]);
    // Requests that fail on purpose are requests as any other.
    expect(seen.requests).toHaveLength(4);
    for (const request of seen.requests) {
      expect(request).toMatchObject({
        source: 'harness',
        outcome: 'failed',
        status: 'HTTP 404',
        spans: 1,
        failedIn: ['shop'],
        orphans: [],
        roots: [],
      });
    }
  });

  test('one that takes ids over from it', async () => {
    const seen = await probed('take over');
    for (const form of ['upper case', 'span id of zeros', 'trace id too long', 'version ff', 'without flags']) {
      expect(of(seen, form).map(({ taken }) => taken)).toEqual(Array.from({ length: 3 }, () => ['shop buy']));
    }
    expect(of(seen, 'valid').every(({ taken }) => taken.length === 0)).toBe(true);
  });

  test('one that refuses it, and one that goes on without a trace', async () => {
    expect(malformed(await probed('refuse')).every(({ ok, status }) => !ok && status === 'HTTP 400')).toBe(true);
    const seen = await probed('trace nothing');
    expect(malformed(seen).some(({ traced: found }) => found)).toBe(false);
    expect(of(seen, 'none').every(({ traced: found }) => found)).toBe(true);
  });
});
