import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLogLines } from '../../../lib/observe/traces/log-lines.ts';
import { readSampled } from '../../../lib/observe/traces/sampled.ts';
import { type TraceLine, decodeTraceLine, encodeTraceLine } from '../../../scenarios/support/trace-line.ts';
import { spanId, traceId } from './otlp.ts';

const START = 1_700_000_000_000;
let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-traces-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function file(lines: readonly (string | object)[]): string {
  const path = join(folder, 'file');
  writeFileSync(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return path;
}

const told = (changes: Partial<TraceLine> = {}): TraceLine => ({
  traceparent: `00-${traceId(7)}-${spanId(9)}-01`,
  name: 'quote',
  protocol: 'http',
  outcome: 'ok',
  status: 200,
  startMs: START + 1_000,
  endMs: START + 1_020,
  ...changes,
});
const logged = (changes?: Partial<TraceLine>) => ({ level: 'info', msg: encodeTraceLine(told(changes)), time: 'now' });

describe('what a scenario tells of its sampled requests', () => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(
        fc.record({
          traceparent: fc.constant(told().traceparent),
          name: fc.string({ minLength: 1, unit: 'grapheme' }),
          protocol: fc.constantFrom('http' as const, 'grpc' as const),
          outcome: fc.constantFrom('ok' as const, 'rejected' as const, 'failed' as const),
          status: fc.nat(599),
          startMs: fc.nat(),
          endMs: fc.nat(),
        }),
        (line) => {
          const text = encodeTraceLine(line);
          expect(decodeTraceLine(text)).toEqual(line);
          // What k6's death cuts off is never half read.
          expect(decodeTraceLine(text.slice(0, text.indexOf(` ${line.status} `)))).toBeUndefined();
        },
      ),
    );
  });

  test("by start, on the run's clock", async () => {
    const lines = [
      { msg: '{"cutoverLoadStarted":5}' },
      logged({ startMs: START + 2_000, endMs: START + 2_001 }),
      logged(),
    ];
    expect(await readSampled(file(lines), START)).toEqual({
      requests: [
        {
          traceId: traceId(7),
          clientSpanId: spanId(9),
          source: 'load',
          operation: 'quote',
          protocol: 'http',
          outcome: 'ok',
          status: 'HTTP 200',
          answered: true,
          startMs: 1_000,
          endMs: 1_020,
        },
        expect.objectContaining({ startMs: 2_000, endMs: 2_001 }),
      ],
      dropped: 0,
    });
  });

  test.each<readonly [string, Partial<TraceLine>, string, boolean]>([
    ['an HTTP answer', { status: 503, outcome: 'failed' }, 'HTTP 503', true],
    ['no HTTP answer', { status: 0, outcome: 'failed' }, 'no answer', false],
    ['a gRPC answer', { protocol: 'grpc', status: 0 }, 'OK', true],
    ['a refusal', { protocol: 'grpc', status: 8, outcome: 'rejected' }, 'RESOURCE_EXHAUSTED', true],
    // Both sides may say these.
    ['a lost connection', { protocol: 'grpc', status: 14, outcome: 'failed' }, 'UNAVAILABLE', false],
    ['a deadline', { protocol: 'grpc', status: 4, outcome: 'failed' }, 'DEADLINE_EXCEEDED', false],
  ])('%s', async (_, changes, status, answered) => {
    const { requests } = await readSampled(file([logged(changes)]), START);
    expect(requests).toMatchObject([{ status, answered }]);
  });

  test.each<readonly [string, string | object]>([
    ['other lines', { msg: 'write attempted entry key 5' }],
    ['a trace that is not sampled', logged({ traceparent: `00-${traceId(7)}-${spanId(9)}-00` })],
    ['a request from before the load', logged({ startMs: START - 5, endMs: START })],
    ['half a line', JSON.stringify(logged()).slice(0, -20)],
    ['a text about traces', { msg: 'a "trace of blood' }],
  ])('%s: passed over', async (_, line) => {
    expect((await readSampled(file([line, logged()]), START)).requests).toHaveLength(1);
  });

  test('no file: nothing was told; too many: they are counted', async () => {
    expect(await readSampled(join(folder, 'none'), START)).toEqual({ requests: [], dropped: 0 });
    const many = await readSampled(file([logged(), logged(), logged()]), START, 2);
    expect([many.requests.length, many.dropped]).toEqual([2, 1]);
  });
});

describe('lines in a log', () => {
  const wanted = {
    traceIds: new Set([traceId(1), traceId(2), traceId(3)]),
    field: 'trace_id',
    fields: ['code', 'service'],
  };

  test('are found by their trace, with what they lack', async () => {
    const path = file([
      'starting',
      { msg: 'listening' },
      { trace_id: traceId(1), code: 'OK', service: 'shop' },
      { trace_id: traceId(2), code: '' },
      { trace_id: traceId(9), code: 'OK', service: 'shop' },
      '{"trace_id":"' + traceId(3),
    ]);
    expect([...(await readLogLines(path, wanted))]).toEqual([
      [traceId(1), []],
      [traceId(2), ['service']],
    ]);
  });

  test('one good line is enough', async () => {
    const [bad, good] = [{ trace_id: traceId(1) }, { trace_id: traceId(1), code: 'x', service: 'shop' }];
    for (const lines of [
      [bad, good],
      [good, bad],
    ]) {
      expect((await readLogLines(file(lines), wanted)).get(traceId(1))).toEqual([]);
    }
  });

  test('no file: no lines', async () => {
    expect((await readLogLines(join(folder, 'none'), wanted)).size).toBe(0);
  });
});
