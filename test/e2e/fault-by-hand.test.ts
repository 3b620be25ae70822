import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { identify, isStopped } from '../../chaos/drivers/process-table.ts';
import { type ToxiproxyServer, startToxiproxyServer } from '../../chaos/drivers/toxiproxy-server.ts';
import { type ProxyState, type ToxiproxyClient, toxiproxyClient } from '../../chaos/drivers/toxiproxy.ts';
import type { LiveSystem } from '../../lib/provision/live-system.ts';
import { type RunningCli, makeProject, processesOf, runCli, startCli } from '../helpers/cli.ts';
import { type EchoServer, httpEcho } from '../helpers/echo-servers.ts';
import { type TestContext, testContext, testGuard } from '../helpers/run-context.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';
import { shopProject } from './projects.ts';

let folder: string;
let up: RunningCli;
let system: LiveSystem;
let runFolder: string;
let proxy: () => Promise<ProxyState>;

beforeAll(async () => {
  folder = makeProject({ 'cutover.config.json': shopProject() });
  up = startCli(folder, ['up']);
  const [, path = ''] = await up.waitFor(/run folder: (\S+)\nup; ctrl-C/);
  runFolder = join(folder, path);
  system = JSON.parse(readFileSync(join(runFolder, 'system.json'), 'utf8')) as LiveSystem;
  const [edge] = system.edges;
  const client = toxiproxyClient(edge?.proxy.api ?? '');
  proxy = () => client.getProxy('client-shop');
});
afterAll(() => up.child.kill('SIGKILL'));

function fault(...args: readonly string[]): RunningCli {
  return startCli(folder, ['fault', ...args]);
}

async function undisturbed(): Promise<boolean> {
  const { enabled, toxics } = await proxy();
  return enabled && toxics.length === 0;
}

describe('a system that is up', () => {
  test('says where it is, to its user alone', () => {
    expect(up.output()).toMatch(/service +shop +pid \d+, http 127\.0\.0\.1:\d+\n/);
    expect(up.output()).toMatch(/edge +client-shop +http, client → 127\.0\.0\.1:\d+ → 127\.0\.0\.1:\d+\n/);
    expect(statSync(join(runFolder, 'system.json')).mode & 0o777).toBe(0o600);
    expect(system.harness).toEqual(identify(up.child.pid as number));
    expect(system.edges).toMatchObject([{ name: 'client-shop', tapped: true }]);
  });

  test.each([
    [['latency', '--ms', '100', '--jitter', '5'], /latency 100ms ± 5ms on client-shop.*for 1s/],
    [['latency', '--latency', '50ms..150ms'], /latency 50ms → 150ms on client-shop/],
    [['down'], /down on client-shop/],
    [['flapping', '--down', '200ms', '--up', '300ms'], /down for 200ms, up for 300ms/],
  ])('feels %j, and nothing of it is left', async ([kind = '', ...attributes], described) => {
    const result = await fault(kind, '--on', 'client-shop', '--for', '1s', ...attributes).ended;
    expect(result, `${result.stdout}${result.stderr}`).toMatchObject({ code: 0 });
    expect(result.stdout).toMatch(described);
    expect(result.stdout).toMatch(/removed from client-shop, verified\nfelt: /);
    expect(await undisturbed()).toBe(true);
  });

  test('feels a fault on single requests when there are any', async () => {
    const url = `http://${system.edges[0]?.listen}/`;
    const failing = fault('request-fail', '--on', 'client-shop', '--with', '503', '--first', '3', '--for', '2s');
    await failing.waitFor(/injected/);
    const statuses: number[] = [];
    for (let request = 0; request < 5; request += 1) statuses.push((await fetch(url)).status);
    expect(statuses).toEqual([503, 503, 503, 200, 200]);
    expect(await failing.ended).toMatchObject({ code: 0, stdout: expect.stringContaining('felt: 3 of 5') as unknown });

    const unseen = await fault('request-hang', '--on', 'client-shop', '--for', '500ms').ended;
    expect(unseen).toMatchObject({ code: 3, stdout: expect.stringContaining('NOT felt: ') as unknown });
  });

  test('has a service that can be paused, by a process that may be killed', async () => {
    const pid = system.services[0]?.process?.pid as number;
    const paused = fault('pause', '--on', 'shop', '--for', '1h');
    await until('it stands still', () => isStopped(pid) === true);
    paused.child.kill('SIGKILL');
    await until('it goes on', () => isStopped(pid) === false, 5_000);
    const whole = await fault('pause', '--on', 'shop', '--for', '500ms').ended;
    expect(whole).toMatchObject({ code: 0, stdout: expect.stringContaining('processes stand still') as unknown });
    expect(isStopped(pid)).toBe(false);
  });
});

describe('a fault ends', () => {
  const LATENCY = ['latency', '--on', 'client-shop', '--ms', '50'];

  test('at ctrl-C', async () => {
    const running = fault(...LATENCY, '--for', '1h');
    await running.waitFor(/injected/);
    expect(await undisturbed()).toBe(false);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
    expect(await undisturbed()).toBe(true);
  });

  test.each([
    ['latency', ['--ms', '50']],
    ['down', []],
    ['flapping', ['--down', '10s', '--up', '1s']],
  ])('when its process is killed: %s', async (kind, attributes) => {
    const running = fault(kind, '--on', 'client-shop', '--for', '1h', ...attributes);
    await running.waitFor(/injected/);
    expect(await undisturbed()).toBe(false);
    running.child.kill('SIGKILL');
    await until('nothing of it is left', undisturbed, 5_000);
  });

  test('when its process is killed: a rule of the tap', async () => {
    const url = `http://${system.edges[0]?.listen}/`;
    const running = fault('request-fail', '--on', 'client-shop', '--with', '503', '--for', '1h');
    await running.waitFor(/injected/);
    expect((await fetch(url)).status).toBe(503);
    running.child.kill('SIGKILL');
    await until('nothing of it is left', async () => (await fetch(url)).status === 200, 5_000);
  });

  test('when its process hangs', async () => {
    const running = fault(...LATENCY, '--for', '500ms');
    await running.waitFor(/injected/);
    running.child.kill('SIGSTOP');
    expect(await undisturbed()).toBe(false);
    // Its time, and the grace of five seconds.
    await until('nothing of it is left', undisturbed, 10_000);
    running.child.kill('SIGCONT');
    // What it saw of the fault depends on when it was stopped; that it is gone is no surprise to it.
    expect((await running.ended).stdout).toContain('removed from client-shop, verified');
    expect(await undisturbed()).toBe(true);
  });
});

test.each([
  [
    ['latenzy', '--on', 'client-shop', '--for', '1s'],
    /<kind>: unknown kind \(is "latenzy"\)\n.*did you mean "latency"/,
  ],
  [['down', '--on', 'client-shp', '--for', '1s'], /no edge "client-shp".*\n.*did you mean "client-shop"/],
  [['request-fail', '--on', 'client-shop', '--with', 'UNAVAILABLE', '--for', '1s'], /--with: must be an HTTP status/],
  [['kill', '--on', 'shop', '--for', '1s'], /only the process that started "shop" could start it again/],
  [['cpu-pressure', '--on', 'shop', '--cores', '1', '--for', '1s'], /could give back what it takes away/],
  [['down', '--on', 'client-shop', '--proxy', 'x', '--for', '1s'], /--proxy goes with --toxiproxy/],
  [['down', '--toxiproxy', 'http://10.0.0.1:8474', '--proxy', 'x', '--for', '1s'], /10\.0\.0\.1 is not this machine/],
  [['pause', '--toxiproxy', 'http://127.0.0.1:1', '--proxy', 'x', '--for', '1s'], /a Toxiproxy has none/],
])('nonsense is told where it is: %j', async (args, message) => {
  const { code, stderr } = await runCli(folder, ['fault', ...args]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});

test('where nothing runs: 4, and what to do', async () => {
  const empty = makeProject({ 'cutover.config.json': shopProject() });
  const args = ['fault', 'down', '--on', 'client-shop', '--for', '1s'];
  const { code, stderr } = await runCli(empty, args);
  expect(stderr).toMatch(/no system with a run folder in reports\/out runs\n.*cutover up/);
  expect(code).toBe(4);
  expect(await runCli(empty, [...args, '--run', '.'])).toMatchObject({ code: 4 });
});

describe('a Toxiproxy of the user', () => {
  let context: TestContext;
  let guard: ReturnType<typeof testGuard>;
  let upstream: EchoServer;
  let server: ToxiproxyServer;
  let client: ToxiproxyClient;

  beforeAll(async () => {
    context = await testContext();
    guard = testGuard();
    upstream = await httpEcho();
  });
  afterEach(async () => {
    if (server.exit() === undefined) process.kill(server.pid, 'SIGCONT');
    await server.stop();
  });
  afterAll(async () => {
    expect(guard.held).toEqual(new Set());
    await upstream[Symbol.asyncDispose]();
    await context[Symbol.asyncDispose]();
  });

  async function startWith(name: string): Promise<void> {
    const logFile = join(context.folder, 'logs', 'toxiproxy.log');
    server = await startToxiproxyServer({ path: await toxiproxyServerPath(), logFile, guard, signal: context.signal });
    ({ client } = server);
    await client.createProxy({ name, listen: '127.0.0.1:0', upstream: upstream.address });
  }
  const onProxy = (name: string) => ['--toxiproxy', server.url, '--proxy', name, '--protocol', 'http'];
  const toxicsOf = async (name: string) => (await client.getProxy(name)).toxics.map((toxic) => toxic.name);

  test('is disturbed by one toxic, whatever the proxy is called, and the toxics of others stay', async () => {
    const name = 'b?c%20#d ä';
    await startWith(name);
    await client.addToxic(name, {
      name: 'theirs',
      type: 'latency',
      stream: 'upstream',
      toxicity: 1,
      attributes: { latency: 1, jitter: 0 },
    });
    const running = fault('latency', ...onProxy(name), '--ms', '100', '--for', '1s');
    await running.waitFor(/injected/);
    expect(await toxicsOf(name)).toHaveLength(2);
    const result = await running.ended;
    expect(result, `${result.stdout}${result.stderr}`).toMatchObject({ code: 0 });
    expect(await toxicsOf(name)).toEqual(['theirs']);
  });

  test('cannot be asked for a name with a slash, and is not asked for another', async () => {
    await startWith('db');
    await client.createProxy({ name: 'a', listen: '127.0.0.1:0', upstream: upstream.address });
    const slash = await fault('down', ...onProxy('a/b?c%20#d'), '--for', '1s').ended;
    expect(slash).toMatchObject({ code: 2, stderr: expect.stringContaining('of this name') as unknown });
    const unknown = await fault('down', ...onProxy('b'), '--for', '1s').ended;
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('no proxy "b"') as unknown });
  });

  test('that is down already is left as it is', async () => {
    await startWith('db');
    await client.setEnabled('db', false);
    expect(await fault('down', ...onProxy('db'), '--for', '1s').ended).toMatchObject({ code: 4 });
    expect((await client.getProxy('db')).enabled).toBe(false);
  });

  test('whose proxy shows no effect: 3', async () => {
    await startWith('db');
    const args = ['--toxiproxy', server.url, '--proxy', 'db', '--protocol', 'tcp', '--ms', '100', '--for', '500ms'];
    const { code, stdout } = await fault('latency', ...args).ended;
    expect(stdout).toMatch(/NOT felt: .*it answered as usual/);
    expect(code).toBe(3);
  });

  test('that is not there: 4; that does not answer: 4, soon', async () => {
    await startWith('db');
    const args = ['down', ...onProxy('db'), '--for', '1s'];
    process.kill(server.pid, 'SIGSTOP');
    const hung = await fault(...args).ended;
    expect(hung).toMatchObject({ code: 4, stderr: expect.stringContaining('no answer in 2000 ms') as unknown });
    process.kill(server.pid, 'SIGCONT');
    await server.stop();
    const gone = await fault(...args).ended;
    expect(gone).toMatchObject({ code: 4, stderr: expect.stringContaining('ECONNREFUSED') as unknown });
  });

  test('that ends meanwhile: 4, since its faults end with it', async () => {
    await startWith('db');
    const running = fault('latency', ...onProxy('db'), '--ms', '50', '--for', '2s');
    await running.waitFor(/injected/);
    await server.stop();
    expect(await running.ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('ended meanwhile') as unknown,
    });
  });

  test('that hangs meanwhile: 5, soon; and the fault is undone when it goes on', async () => {
    await startWith('db');
    const running = fault('latency', ...onProxy('db'), '--ms', '50', '--for', '1s');
    await running.waitFor(/injected/);
    process.kill(server.pid, 'SIGSTOP');
    const stoppedMs = performance.now();
    const { code, stdout, stderr } = await running.ended;
    expect(code, `${stdout}${stderr}`).toBe(5);
    expect(stderr).toMatch(/could not be shown to be gone/);
    // Its own second, three calls of two seconds, and a look at the edge.
    expect(performance.now() - stoppedMs).toBeLessThan(15_000);
    process.kill(server.pid, 'SIGCONT');
    await until('the warden has undone it', async () => (await toxicsOf('db')).length === 0, 15_000);
    expect(await client.getProxy('db')).toMatchObject({ enabled: true, upstream: upstream.address });
  });
});

test('ctrl-C stops everything, which is a good end', async () => {
  up.child.kill('SIGINT');
  expect(await up.ended).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/everything is stopped\n$/) as unknown,
  });
  expect(processesOf(folder)).toEqual([]);
  expect(() => statSync(join(runFolder, 'system.json'))).toThrow('ENOENT');
});
