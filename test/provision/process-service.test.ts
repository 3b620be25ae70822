import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { listGroup } from '../../chaos/drivers/process-table.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import { processServiceSchema } from '../../lib/plan/schema/system.ts';
import { startService } from '../../lib/provision/process-service.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';

const SERVICE = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));

let context: TestContext;
let guard: ReturnType<typeof testGuard>;
let address: string;
beforeEach(async () => {
  context = await testContext();
  guard = testGuard();
  address = `127.0.0.1:${await freePort()}`;
});
afterEach(async () => {
  // Whatever a test did, no process group of its is left.
  expect(guard.held).toEqual(new Set());
  await context[Symbol.asyncDispose]();
});

async function start(words: string, process_: object = {}, more: object = {}) {
  const service = processServiceSchema.parse({
    process: { command: [process.execPath, SERVICE, ...words.split(' ')], ...process_ },
    ports: ['http'],
    ...more,
  });
  return await startService({
    name: 'shop',
    service,
    root: '/',
    resolve: (text) => text.replaceAll('{{shop.http}}', address),
    context,
    guard,
  });
}

const log = (): Promise<string> => readFile(join(context.folder, 'logs', 'shop.log'), 'utf8');

describe('a service', () => {
  test('is started, ready, and stopped by SIGTERM', async () => {
    const starting = await start(
      'say hello listen {{shop.http}}',
      {},
      { ready: { http: 'http://{{shop.http}}/readyz' } },
    );
    const started = await starting.ready();
    expect(started.readyAfterMs).toBeGreaterThanOrEqual(0);
    expect((await fetch(`http://${address}/`)).status).toBe(200);
    expect(guard.held).toEqual(new Set([started.pid]));
    expect(await started.stop()).toEqual({ name: 'shop', how: 'terminated', exit: { code: null, signal: 'SIGTERM' } });
    expect(await log()).toBe('hello\n');
    expect(context.journalled.map(({ type }) => type)).toEqual(['service-started', 'service-ready', 'service-stopped']);
  });

  test('without a `ready` check is ready when its ports accept connections', async () => {
    await using starting = await start('listen {{shop.http}}');
    await starting.ready();
    expect((await fetch(`http://${address}/`)).status).toBe(200);
  });

  test('sees a small environment and its own', async () => {
    process.env['CUTOVER_TEST_SECRET'] = 'x';
    const file = join(context.cacheDir, '..', 'env.json');
    await using starting = await start(`write-env ${file} listen {{shop.http}}`, { env: { WHERE: '{{shop.http}}' } });
    await starting.ready();
    delete process.env['CUTOVER_TEST_SECRET'];
    const seen = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    expect(seen).toMatchObject({ PATH: process.env['PATH'], WHERE: address });
    expect(seen).not.toHaveProperty('CUTOVER_TEST_SECRET');
  });

  test('that dies at its start is reported with how and with its last lines', async () => {
    await using starting = await start('say first say address-in-use exit 7');
    await expect(starting.ready()).rejects.toMatchObject({
      code: 'service-died',
      exitCode: 4,
      message: expect.stringMatching(
        /service "shop" ended before it was ready \(exit code 7[^]*address-in-use/,
      ) as unknown,
    });
  });

  test('that is never ready is reported with its last answer and its last lines', async () => {
    const ready = { http: 'http://{{shop.http}}/readyz', timeout: '700ms' };
    await using starting = await start('say warming-up listen {{shop.http}} not-ready', {}, { ready });
    await expect(starting.ready()).rejects.toMatchObject({
      code: 'service-not-ready',
      message: expect.stringMatching(/within 700ms \(GET http:.*HTTP 503 hello\)[^]*warming-up/) as unknown,
    });
  });

  test('is no longer waited for when the run is stopped', async () => {
    await using starting = await start(
      'listen {{shop.http}} not-ready',
      {},
      { ready: { http: 'http://{{shop.http}}/readyz' } },
    );
    const ready = starting.ready();
    context.abort();
    await expect(ready).rejects.toMatchObject({ code: 'aborted', exitCode: 130 });
  });

  test('that ends by itself is noticed at once', async () => {
    await using starting = await start('listen {{shop.http}}');
    await starting.ready();
    process.kill(starting.pid, 'SIGKILL');
    expect(await starting.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(starting.stopping()).toBe(false);
  });

  test('that ignores SIGTERM is killed, with children that do so too', async () => {
    const service = await start('deaf grandchild listen {{shop.http}}', { stopTimeout: '300ms' });
    await service.ready();
    await until('the grandchild runs', async () => (await log()).includes('grandchild '));
    const grandchild = Number(/grandchild (\d+)/.exec(await log())?.[1]);
    expect(listGroup(service.pid) ?? [grandchild]).toContain(grandchild);
    expect(await service.stop()).toMatchObject({ how: 'killed', exit: { signal: 'SIGKILL' } });
    expect(listGroup(service.pid) ?? []).toEqual([]);
    expect(await log()).toContain('no\n');
  });

  test('that has died leaves no children behind', async () => {
    const service = await start('grandchild listen {{shop.http}}', { stopTimeout: '300ms' });
    await service.ready();
    await until('the grandchild runs', async () => (await log()).includes('grandchild '));
    process.kill(service.pid, 'SIGKILL');
    await service.exited;
    expect(await service.stop()).toMatchObject({ how: 'killed' });
    expect(listGroup(service.pid) ?? []).toEqual([]);
  });

  test.each([
    [{ command: ['no-such-program'] }, 'command-not-found', 'command "no-such-program" was not found'],
    [{ cwd: '/no/such/folder' }, 'no-such-folder', 'no folder /no/such/folder'],
    [{ command: [SERVICE] }, 'command-not-started', 'is not executable'],
  ])('that cannot be started: %j', async (process_, code, message) => {
    await expect(start('say nothing', process_)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as unknown,
    });
  });
});
