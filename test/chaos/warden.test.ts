import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isGroupGone } from '../../chaos/drivers/process-group.ts';
import { type ProcessIdentity, canSignal, identify } from '../../chaos/drivers/process-table.ts';
import { startWarden } from '../../chaos/warden.ts';
import { testGuard } from '../helpers/run-context.ts';
import { startChild } from '../../chaos/drivers/child-process.ts';
import { toxiproxyServerPath } from '../helpers/toxiproxy.ts';
import { until } from '../helpers/until.ts';

const HARNESS = fileURLToPath(new URL('fixtures/harness.ts', import.meta.url));

interface Started {
  readonly harness: ChildProcess;
  readonly exited: Promise<unknown>;
  readonly warden: ProcessIdentity;
  readonly service: ProcessIdentity;
  readonly toxiproxy: ProcessIdentity;
}

let folder: string;
const harnesses: ChildProcess[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-warden-'));
});
afterEach(async () => {
  for (const harness of harnesses.splice(0)) harness.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

async function startHarness(end = 'stay'): Promise<Started> {
  const harness = spawn(process.execPath, [HARNESS, folder, await toxiproxyServerPath(), end], {
    stdio: ['ignore', 'pipe', 'ignore'],
    // A group of its own, so that a test can signal it as a terminal does.
    detached: true,
  });
  harnesses.push(harness);
  const exited = once(harness, 'exit');
  const [line] = (await once(createInterface({ input: harness.stdout }), 'line')) as [string];
  const pids = JSON.parse(line) as Record<'warden' | 'service' | 'toxiproxy', number>;
  const log = join(folder, 'service.log');
  if (end === 'stay')
    await until('the grandchild runs', async () => (await readFile(log, 'utf8')).includes('grandchild'));
  const [warden, service, toxiproxy] = [identify(pids.warden), identify(pids.service), identify(pids.toxiproxy)];
  return { harness, exited, warden, service, toxiproxy };
}

/** The service's group includes the grandchild that ignores SIGTERM. */
async function expectNothingLeft({ warden, service, toxiproxy }: Started): Promise<void> {
  for (const [name, leader] of Object.entries({ service, toxiproxy, warden })) {
    await until(`${name} is gone`, () => isGroupGone(leader));
  }
}

describe('the warden', () => {
  test('ends what a harness left behind that was killed', async () => {
    const started = await startHarness();
    expect(isGroupGone(started.service)).toBe(false);
    started.harness.kill('SIGKILL');
    await expectNothingLeft(started);
  });

  test('ends what a harness left behind that failed', async () => {
    const started = await startHarness('throw');
    expect(await started.exited).toEqual([1, null]);
    await expectNothingLeft(started);
  });

  test('outlives ctrl-C, a hang-up and a SIGTERM of its own', async () => {
    const started = await startHarness();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(started.warden.pid, signal);
    // The terminal's ctrl-C reaches the harness's group, in which the warden is not.
    process.kill(-(started.harness.pid as number), 'SIGINT');
    expect(await started.exited).toEqual([null, 'SIGINT']);
    await expectNothingLeft(started);
  });

  test('just ends when everything was stopped', async () => {
    const started = await startHarness('dispose');
    expect(await started.exited).toEqual([0, null]);
    await expectNothingLeft(started);
  });

  test('need not know of a child that was started the moment the harness died: it ends by itself', async () => {
    const harness = spawn(process.execPath, [HARNESS, folder, '', 'die-unguarded'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    harnesses.push(harness);
    const { service } = JSON.parse(await text(harness.stdout)) as { service: number };
    await until('the child is gone', () => isGroupGone(identify(service)));
    // It never became the service.
    expect(await readFile(join(folder, 'service.log'), 'utf8')).toBe('');
  });

  test('keeps no harness from ending', async () => {
    const harness = spawn(process.execPath, [HARNESS, folder, '', 'warden-only'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    harnesses.push(harness);
    const exited = once(harness, 'exit');
    const { warden } = JSON.parse(await text(harness.stdout)) as { warden: number };
    expect(await exited).toEqual([0, null]);
    await until('the warden is gone', () => isGroupGone(identify(warden)));
  });

  test('leaves alone what was released, and a process that only has the id of one', async () => {
    const guard = testGuard();
    const child = await startChild({
      title: 'released',
      command: [process.execPath, '-e', 'setInterval(() => {}, 1000)'],
      cwd: '/',
      env: {},
      logFile: join(folder, 'released.log'),
      stopTimeoutMs: 1_000,
      guard,
    });
    const warden = await startWarden();
    warden.guard(child.pid);
    warden.release(child.pid);
    await warden[Symbol.asyncDispose]();
    expect(canSignal(warden.pid)).toBe(false);
    expect(child.exit()).toBeUndefined();
    expect(isGroupGone({ pid: child.pid, startTime: identify(child.pid).startTime })).toBe(false);
    await child.stop();
  });

  test('says so when it has gone itself, so that nothing is started unguarded', async () => {
    const warden = await startWarden();
    const self = identify(warden.pid);
    process.kill(warden.pid, 'SIGKILL');
    await until('it is gone', () => isGroupGone(self) && !canSignal(self.pid));
    const logFile = join(folder, 'child.log');
    const options = { title: 'child', command: ['sleep', '60'], cwd: '/', env: {}, logFile, stopTimeoutMs: 1_000 };
    await expect(startChild({ ...options, guard: warden })).rejects.toMatchObject({ code: 'warden-gone' });
    await warden[Symbol.asyncDispose]();
  });
});

test.runIf(process.platform === 'linux')('a process that got the id later is not the one that was guarded', () => {
  expect(isGroupGone({ pid: process.pid, startTime: 'earlier' })).toBe(true);
});
