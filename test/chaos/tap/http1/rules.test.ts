import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, createServer, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../helpers/until.ts';
import { EDGE, type Listening, type TestTap, listening, rawCaller, testTap } from '../tap-fixture.ts';

let callee: Listening;
let arrived: string[];
let finished: number;
let tap: TestTap;
let agent: Agent;

beforeEach(async () => {
  arrived = [];
  finished = 0;
  const server = createServer((incoming, response) => {
    arrived.push(`${incoming.method} ${incoming.url}`);
    void text(incoming).then((body) => {
      finished += 1;
      return response.end(`hello ${body}`);
    });
  });
  callee = await listening(server);
  tap = await testTap('http', callee.address, {
    timeoutHeader: 'X-Request-Timeout-Ms',
    idempotencyKey: { header: 'Idempotency-Key' },
  });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(async () => {
  agent.destroy();
  await tap[Symbol.asyncDispose]();
  await callee[Symbol.asyncDispose]();
});

/** Status and body, or the error's code. */
async function call(options: RequestOptions = {}, body?: string): Promise<string> {
  const sent = request({ port: tap.port, host: '127.0.0.1', agent, ...options });
  sent.end(body);
  try {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return `${response.statusCode} ${await text(response)}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}

const outcomes = async (): Promise<string[]> =>
  (await tap.attempts()).map(({ outcome, status, rule }) => [outcome, status, rule].filter(Boolean).join(' '));

describe('fail', () => {
  test('answers in the place of the callee, on a connection that stays', async () => {
    await tap.rule({ action: { type: 'fail', status: 503 }, operations: ['POST /fail'] });
    expect(await call({ method: 'POST', path: '/fail?x=1' }, 'a body')).toBe('503 ');
    expect(await call({ method: 'GET', path: '/fail' })).toBe('200 hello ');
    expect(await call({ method: 'POST', path: '/fail' }, 'x'.repeat(1_000_000))).toBe('503 ');
    expect(arrived).toEqual(['GET /fail']);
    expect(await outcomes()).toEqual(['failed 503 rule', 'answered 200', 'failed 503 rule']);
    expect(await tap.tap.rules(EDGE)).toMatchObject([{ id: 'rule', matched: 2, acted: 2 }]);
  });
  test('answers a caller that waits to be told to go on, and one that wants the connection closed', async () => {
    await tap.rule({ action: { type: 'fail', status: 500 } });
    for (const more of ['Expect: 100-continue\r\nContent-Length: 4\r\n', 'Connection: close\r\n']) {
      using caller = rawCaller(tap.port);
      caller.socket.write(`POST / HTTP/1.1\r\nHost: a\r\n${more}\r\n`);
      expect(await caller.ended).toBe('end');
      expect(caller.received()).toBe(
        'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      );
    }
    expect(arrived).toEqual([]);
  });
  test('the first ones, or some of each so many', async () => {
    const statuses = async (count: number): Promise<string> => {
      let all = '';
      for (let index = 0; index < count; index += 1) all += (await call()).startsWith('200') ? '.' : 'x';
      return all;
    };
    await tap.rule({ action: { type: 'fail', status: 503 }, first: 2 });
    expect(await statuses(4)).toBe('xx..');
    await tap.rule({ action: { type: 'fail', status: 503 }, pattern: { count: 1, of: 3 } });
    expect(await statuses(7)).toBe('x..x..x');
  });
  test('a share, the same requests for the same seed', async () => {
    const failed: string[] = [];
    for (const seed of [7, 7, 8]) {
      await tap.rule({ action: { type: 'fail', status: 503 }, share: 0.5, seed });
      let all = '';
      for (let index = 0; index < 40; index += 1) all += (await call()).startsWith('200') ? '.' : 'x';
      failed.push(all);
    }
    expect(failed[0]).toBe(failed[1]);
    expect(failed[0]).not.toBe(failed[2]);
    expect(failed[0]).toMatch(/x.*\..*x/);
  });
});

describe('delay', () => {
  test('holds a request up, body and all, before it is passed on', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 80, jitterMs: 0 } });
    const answer = call({ method: 'POST' }, 'x'.repeat(500_000));
    await until('it is in flight', async () => (await tap.tap.inFlight(EDGE)) === 1);
    expect(await answer).toBe(`200 hello ${'x'.repeat(500_000)}`);
    const [attempt] = await tap.attempts();
    expect(attempt).toMatchObject({ outcome: 'answered', status: 200, rule: 'rule' });
    expect((attempt?.endMs ?? 0) - (attempt?.startMs ?? 0)).toBeGreaterThanOrEqual(79);
  });
  test('a caller that leaves meanwhile never reaches the callee', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 150, jitterMs: 0 }, first: 1 });
    const sent = request({ port: tap.port, host: '127.0.0.1', path: '/left', agent: false }).on('error', () => {});
    sent.end();
    await until('it is in flight', async () => (await tap.tap.inFlight(EDGE)) === 1);
    sent.destroy();
    await until('it is over', async () => (await tap.tap.inFlight(EDGE)) === 0);
    // Behind it comes one that is longer under way than the delay would have been.
    await tap.rule({ id: 'later', action: { type: 'delay', delayMs: 200, jitterMs: 0 } });
    expect(await call({ path: '/later' })).toBe('200 hello ');
    expect(arrived).toEqual(['GET /later']);
    expect(await outcomes()).toEqual(['canceled rule', 'answered 200 later']);
  });
});

describe('hang', () => {
  test('ends when the caller goes away', async () => {
    await tap.rule({ action: { type: 'hang' } });
    const sent = request({ port: tap.port, host: '127.0.0.1', agent: false }).on('error', () => {});
    sent.end();
    await until('it hangs', async () => (await tap.tap.inFlight(EDGE)) === 1);
    sent.destroy();
    await until('it is over', async () => (await tap.tap.inFlight(EDGE)) === 0);
    expect(await outcomes()).toEqual(['canceled rule']);
    expect(arrived).toEqual([]);
  });
  test('is reset when the rule is removed', async () => {
    await tap.rule({ action: { type: 'hang' } });
    const answers = [call({ agent: false }), call({ agent: false })];
    await until('they hang', async () => (await tap.tap.inFlight(EDGE)) === 2);
    expect(await tap.tap.removeRule(EDGE, 'rule')).toEqual({ matched: 2, acted: 2 });
    expect(await Promise.all(answers)).toEqual(['ECONNRESET', 'ECONNRESET']);
    expect(await outcomes()).toEqual(['cut rule', 'cut rule']);
    expect(await call()).toBe('200 hello ');
    expect(arrived).toHaveLength(1);
  });
  test('is reset when its lease ends', async () => {
    await tap.rule({ action: { type: 'hang' }, forMs: 100 });
    expect(await call()).toBe('ECONNRESET');
    expect(await tap.tap.rules(EDGE)).toEqual([]);
    expect(await call()).toBe('200 hello ');
  });
});

test('cut: the callee does its work, the caller never hears of it', async () => {
  await tap.rule({ action: { type: 'cut' }, first: 1 });
  const headers = { expect: '100-continue', 'content-length': 4 };
  const sent = request({ port: tap.port, host: '127.0.0.1', method: 'POST', agent, headers });
  const failed = once(sent, 'error') as Promise<[NodeJS.ErrnoException]>;
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.end('body');
  expect((await failed)[0].code).toBe('ECONNRESET');
  expect(finished).toBe(1);
  expect(await call()).toBe('200 hello ');
  expect(await outcomes()).toEqual(['cut rule', 'answered 200']);
});

test('what is recorded of a request', async () => {
  const before = Date.now();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  await call({
    path: '/v1/quotes?secret=1',
    headers: {
      traceparent: `00-${traceId}-00f067aa0ba902b7-01`,
      'x-request-timeout-ms': '250',
      'idempotency-key': 'order 7',
    },
  });
  const [attempt] = await tap.attempts();
  expect(attempt).toEqual({
    edge: EDGE,
    startMs: expect.any(Number) as number,
    endMs: expect.any(Number) as number,
    operation: 'GET /v1/quotes',
    traceId,
    key: 'order 7',
    timeoutMs: 250,
    outcome: 'answered',
    status: 200,
  });
  const { startMs = 0, endMs = 0 } = attempt ?? {};
  expect(startMs).toBeGreaterThan(before - 20);
  expect(endMs).toBeGreaterThanOrEqual(startMs);
  expect(endMs).toBeLessThan(Date.now() + 20);
});
