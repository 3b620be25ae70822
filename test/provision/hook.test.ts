import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canSignal } from '../../chaos/drivers/process-table.ts';
import { hookSchema, readHookSchema } from '../../lib/plan/schema/system.ts';
import { type HookCall, callHook, readDocument, readHook } from '../../lib/provision/hook.ts';
import { until } from '../helpers/until.ts';

const abort = () => new AbortController();

function callOf(parts: Partial<HookCall> = {}): HookCall {
  return {
    what: 'example',
    code: 'example-failed',
    resolve: (text) => text.replaceAll('{{name}}', 'shop'),
    root: '/tmp',
    signal: abort().signal,
    ...parts,
  };
}

describe('a command', () => {
  const command = (script: string, env: Record<string, string> = {}) =>
    hookSchema.parse({ command: ['sh', '-c', script], env });

  test('runs in the folder, with placeholders resolved, and gives back what it prints', async () => {
    const hook = command('pwd; echo "$GREETING {{name}}"', { GREETING: 'hello {{name}}' });
    expect(await callHook(hook, callOf())).toBe('/tmp\nhello shop shop\n');
  });

  test('that fails is told with its last words', async () => {
    await expect(callHook(command('echo oh no >&2; exit 4'), callOf())).rejects.toMatchObject({
      code: 'example-failed',
      message: 'example: sh -c echo oh no >&2; exit 4: exit code 4: oh no',
    });
  });

  test('that is not there is told', async () => {
    await expect(callHook(hookSchema.parse({ command: ['no-such-command'] }), callOf())).rejects.toMatchObject({
      code: 'example-failed',
      message: expect.stringContaining('command "no-such-command" was not found') as unknown,
    });
  });

  test('that hangs ends with everything that it started', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cutover-hook-'));
    const hook = command('sleep 60 & echo $! > child; wait');
    await expect(callHook(hook, callOf({ root: folder, timeoutMs: 300 }))).rejects.toMatchObject({
      message: expect.stringContaining('no answer within 300ms') as unknown,
    });
    const child = Number(await readFile(join(folder, 'child'), 'utf8'));
    expect(child).toBeGreaterThan(1);
    await until('what it started is gone', () => !canSignal(child));
    await rm(folder, { recursive: true });
  });

  test('is cut off when the run is stopped', async () => {
    const stop = abort();
    const called = callHook(command('sleep 60'), callOf({ signal: stop.signal }));
    stop.abort();
    await expect(called).rejects.toMatchObject({ code: 'aborted' });
  });

  test('whose JSON is read', async () => {
    const hook = (text: string) => readHookSchema.parse({ command: ['echo', text], pointer: '/{{name}}/share' });
    expect(await readHook(hook('{"shop":{"share":25}}'), callOf())).toBe(25);
    expect(await readDocument(hook('{"shop":{"share":25}}'), callOf())).toEqual({
      value: 25,
      document: { shop: { share: 25 } },
    });
    await expect(readHook(hook('<html>'), callOf())).rejects.toMatchObject({
      message: 'example: echo <html> reads no JSON: <html>',
    });
  });
});

describe('an HTTP call', () => {
  let url: string;
  let close: () => Promise<void>;

  beforeEach(async () => {
    const server = createServer((request, response) => {
      if (request.url === '/slow') return;
      if (request.url === '/lost') response.destroy();
      else
        response
          .writeHead(request.url === '/fails' ? 503 : 200)
          .end(`${request.method} ${String(request.headers['x-name'])}`);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    close = async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    };
  });
  afterEach(() => close());

  const call = (path: string) =>
    hookSchema.parse({ method: 'POST', url: `${url}${path}`, headers: { 'X-Name': '{{name}}' }, body: '{}' });

  test('gives back the body', async () => {
    expect(await callHook(call('/'), callOf())).toBe('POST shop');
  });

  test.each([
    ['/fails', 'HTTP 503 POST shop'],
    ['/slow', 'no answer within 200ms'],
    ['/lost', 'socket hang up'],
  ])('%s: %s', async (path, message) => {
    await expect(callHook(call(path), callOf({ timeoutMs: 200 }))).rejects.toMatchObject({
      code: 'example-failed',
      message: `example: POST ${url}${path}: ${message}`,
    });
  });
});
