import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../chaos/drivers/free-port.ts';
import { removeRuleVerified, tapClient } from '../../../chaos/tap/control.ts';
import { readAttempts } from '../../../chaos/tap/read-attempts.ts';
import type { TapRule } from '../../../chaos/tap/rule.ts';
import { type TapEdgeOptions, startTap } from '../../../chaos/tap/tap.ts';
import { httpEcho } from '../../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../../helpers/run-context.ts';
import { until } from '../../helpers/until.ts';
import { EDGE, type Listening, type TestTap, listening, testTap } from './tap-fixture.ts';

const FAIL: TapRule = { id: 'rule', edge: EDGE, seed: 1, action: { type: 'fail', status: 503 }, forMs: 60_000 };

describe('a tap that runs', () => {
  let callee: Listening;
  let tap: TestTap;
  beforeEach(async () => {
    callee = await listening(
      createServer((incoming, response) => {
        if (incoming.url !== '/wait') response.end('hello');
      }),
    );
    const other: TapEdgeOptions = { name: 'other', protocol: 'grpc', listen: '127.0.0.1:0', upstream: callee.address };
    tap = await testTap('http', callee.address, {}, [other]);
  });
  afterEach(async () => {
    await tap[Symbol.asyncDispose]();
    await callee[Symbol.asyncDispose]();
  });
  const get = (path = '/'): Promise<Response> => fetch(`http://${tap.address}${path}`);

  test('keeps the edges apart', async () => {
    expect([...tap.tap.listen.keys()]).toEqual([EDGE, 'other']);
    await tap.tap.setRule(FAIL);
    await tap.tap.setRule({ ...FAIL, edge: 'other', action: { type: 'fail', status: 14 } });
    expect((await get()).status).toBe(503);
    expect(await tap.tap.rules('other')).toEqual([
      { ...FAIL, edge: 'other', action: { type: 'fail', status: 14 }, matched: 0, acted: 0 },
    ]);
    expect(await tap.tap.rules(EDGE)).toEqual([{ ...FAIL, matched: 1, acted: 1 }]);
  });

  test.each([
    ['of no kind', { ...FAIL, action: { type: 'lose' } }, 'action.type'],
    ['with a share beyond all', { ...FAIL, share: 1.5 }, 'share'],
    ['with two choices', { ...FAIL, share: 0.5, first: 1 }, ''],
    ['with more of each than there are', { ...FAIL, pattern: { count: 3, of: 2 } }, 'pattern'],
    ['with an unknown key', { ...FAIL, operation: ['GET /'] }, 'operation'],
    ['with a gRPC code over HTTP', { ...FAIL, action: { type: 'fail', status: 14 } }, 'action.status'],
    ['with an HTTP status over gRPC', { ...FAIL, edge: 'other' }, 'action.status'],
    ['without a lease', { ...FAIL, forMs: undefined }, 'forMs'],
  ])('refuses a rule %s, and says where', async (_, rule, path) => {
    const refused = tap.tap.setRule(rule as TapRule);
    await expect(refused).rejects.toMatchObject({ code: 'tap-invalid', reason: 'invalid', problems: [{ path }] });
    expect(await tap.tap.rules(EDGE)).toEqual([]);
  });

  test('names what is not there', async () => {
    await tap.tap.setRule(FAIL);
    await expect(tap.tap.removeRule(EDGE, 'rul')).rejects.toMatchObject({
      code: 'tap-no-such-rule',
      reason: 'no-such-rule',
      hint: 'did you mean "rule"?',
    });
    await expect(tap.tap.inFlight('others')).rejects.toMatchObject({
      reason: 'no-such-edge',
      hint: 'did you mean "other"?',
    });
  });

  test('serves those who have its token, over its address, and takes rules away for good', async () => {
    const { control } = tap.tap;
    expect(control.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    await expect(tapClient({ ...control, token: 'x' }).rules(EDGE)).rejects.toMatchObject({ reason: 'rejected' });
    await tap.tap.setRule(FAIL);
    await removeRuleVerified(control, EDGE, 'rule');
    expect(await tap.tap.rules(EDGE)).toEqual([]);
    await removeRuleVerified(control, EDGE, 'rule');
  });

  test('its attempts are in the file without being asked for', async () => {
    await (await get('/v1/quotes')).text();
    await until('it is written', async () => (await readAttempts(tap.attemptsFile)).length > 0);
    expect(await readAttempts(tap.attemptsFile)).toMatchObject([{ operation: 'GET /v1/quotes', status: 200 }]);
  });

  test('writes down what is still open when it is stopped, without an end', async () => {
    const open = get('/wait').catch(() => {});
    await until('it is in flight', async () => (await tap.tap.inFlight(EDGE)) === 1);
    expect(tap.tap.stopping()).toBe(false);
    await tap.tap.stop();
    expect(tap.tap.stopping()).toBe(true);
    expect(tap.tap.exit()).toEqual({ code: 0, signal: null });
    await open;
    const [attempt] = await readAttempts(tap.attemptsFile);
    expect(attempt).toMatchObject({ operation: 'GET /wait', outcome: 'cut' });
    expect(attempt).not.toHaveProperty('endMs');
  });

  test('that is killed is seen to be gone, and its rules with it', async () => {
    await tap.tap.setRule(FAIL);
    process.kill(tap.tap.pid, 'SIGKILL');
    expect(await tap.tap.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(tap.tap.stopping()).toBe(false);
    await expect(tap.tap.rules(EDGE)).rejects.toMatchObject({ code: 'tap-unreachable', reason: 'unreachable' });
    await removeRuleVerified(tap.tap.control, EDGE, 'rule');
  });
});

describe('a tap that cannot start', () => {
  let context: TestContext;
  beforeEach(async () => {
    context = await testContext();
  });
  afterEach(() => context[Symbol.asyncDispose]());
  const start = (edges: readonly TapEdgeOptions[], guard = testGuard()) =>
    startTap({
      edges,
      attemptsFile: join(context.folder, 'attempts.ndjson'),
      logFile: join(context.folder, 'tap.log'),
      guard,
      signal: context.signal,
    });

  test('because its port is taken says so', async () => {
    await using echo = await httpEcho();
    const guard = testGuard();
    const edge = { name: EDGE, protocol: 'http', listen: echo.address, upstream: echo.address } as const;
    await expect(start([edge], guard)).rejects.toMatchObject({
      code: 'tap-not-started',
      message: expect.stringContaining(`edge "${EDGE}": cannot listen on ${echo.address}: EADDRINUSE`) as unknown,
    });
    expect(guard.held).toEqual(new Set());
  });

  test.each([
    [{ listen: 'nowhere' }, 'edges[0].listen'],
    [{ upstream: '127.0.0.1:0' }, 'edges[0].upstream'],
    [{ idempotencyKey: { field: 1, operations: ['/a'] } }, 'edges[0]'],
    [{ protocol: 'tcp' }, 'edges[0].protocol'],
  ])('because of %j says where', async (options, path) => {
    const edge = { name: EDGE, protocol: 'http', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', ...options };
    await expect(start([edge as TapEdgeOptions])).rejects.toMatchObject({ reason: 'invalid', problems: [{ path }] });
  });

  test('is not mistaken for an earlier one that wrote into the same log', async () => {
    const logFile = join(context.folder, 'tap.log');
    const port = await freePort();
    const edge = { name: EDGE, protocol: 'http', listen: `127.0.0.1:${port}`, upstream: '127.0.0.1:1' } as const;
    await using first = await start([edge]);
    await expect(start([edge])).rejects.toMatchObject({ code: 'tap-not-started' });
    appendFileSync(logFile, '{"pid": 1, "control"');
    expect(readFileSync(logFile, 'utf8')).toContain(String(first.pid));
  });

  test('ends with its harness', async () => {
    const script = `
      const { startTap } = await import(${JSON.stringify(new URL('../../../chaos/tap/tap.ts', import.meta.url).href)});
      const { startWarden } = await import(${JSON.stringify(new URL('../../../chaos/warden.ts', import.meta.url).href)});
      const tap = await startTap({
        edges: [{ name: 'e', protocol: 'http', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' }],
        attemptsFile: ${JSON.stringify(join(context.folder, 'attempts.ndjson'))},
        logFile: ${JSON.stringify(join(context.folder, 'tap.log'))},
        guard: await startWarden(),
        signal: new AbortController().signal,
      });
      console.log(tap.pid);
      process.kill(process.pid, 'SIGKILL');`;
    const harness = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [pid] = (await once(harness.stdout.setEncoding('utf8'), 'data')) as [string];
    await until('the tap is gone', () => !isThere(Number(pid)));
    expect(readFileSync(join(context.folder, 'tap.log'), 'utf8')).toContain(`"pid":${Number(pid)},`);
  });
});

function isThere(pid: number): boolean {
  try {
    return !readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z ');
  } catch {
    return false;
  }
}
