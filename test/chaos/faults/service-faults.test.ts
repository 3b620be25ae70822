import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canUseCgroups } from '../../../chaos/drivers/cgroup.ts';
import { canLimitDisks } from '../../../chaos/drivers/disk-quota.ts';
import { isStopped, listGroup } from '../../../chaos/drivers/process-table.ts';
import type { ServiceFault } from '../../../chaos/faults/fault.ts';
import { serviceKind } from '../../../chaos/faults/kinds.ts';
import type { ServiceControl } from '../../../chaos/service-control.ts';
import { type Warden, startWarden } from '../../../chaos/warden.ts';
import { systemSchema } from '../../../lib/plan/schema/system.ts';
import { provision } from '../../../lib/provision/provision.ts';
import { readProcStat } from '../../../lib/proc-stat.ts';
import { requirement } from '../../helpers/require.ts';
import { type TestContext, testContext } from '../../helpers/run-context.ts';
import { until } from '../../helpers/until.ts';

const WORKER = fileURLToPath(new URL('../fixtures/worker.mjs', import.meta.url));
const MIB = 1024 ** 2;

const [cpuAnswer, memoryAnswer] = await Promise.all([canUseCgroups('cpu'), canUseCgroups('memory')]);
const diskAnswer = await canLimitDisks(MIB);
const reasonOf = (answer: { readonly ok: boolean; readonly reason?: string }) => answer.reason ?? '';
const cpu = requirement('cgroups', cpuAnswer.ok, reasonOf(cpuAnswer));
const memory = requirement('cgroups', memoryAnswer.ok, reasonOf(memoryAnswer));
const disk = requirement('namespaces', diskAnswer.ok, reasonOf(diskAnswer));

let context: TestContext;
let warden: Warden;
beforeEach(async () => {
  context = await testContext();
  warden = await startWarden();
});
afterEach(async () => {
  await warden[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const times = { name: 'fault', service: 'shop', startMs: 0, endMs: 1_000 };

/** A service that runs, and the fault that the plan has for it. */
async function start(...faults: ServiceFault[]) {
  const command = [process.execPath, WORKER, '{{shop.http}}', '{{data}}'];
  const system = await provision({
    plan: {
      version: 1,
      experiment: 'test',
      description: '',
      seed: 1,
      root: '/',
      system: systemSchema.parse({ services: { shop: { process: { command }, ports: ['http'] } } }),
      traffic: {},
      load: { scenario: '', env: {}, phases: [], steady: 'steady', maxVUs: 1, recordWrites: false },
      faults,
      drills: [],
      budgets: [],
    },
    context,
    toxiproxyServer: undefined,
    warden,
  });
  const incidents: string[] = [];
  system.onIncident(({ message }) => incidents.push(message));
  const shop = system.controls.get('shop') as ServiceControl;
  const ask = async (path: string) => (await fetch(system.resolve(`http://{{shop.http}}/${path}`))).status;
  return { system, shop, incidents, ask };
}

const inject = (shop: ServiceControl, fault: ServiceFault) => serviceKind(fault).inject(shop, fault);
const remove = (shop: ServiceControl, fault: ServiceFault) => serviceKind(fault).remove(shop, fault);
const sign = (shop: ServiceControl, fault: ServiceFault) => serviceKind(fault).sign?.(shop, fault);

/** Directories of cgroups of this process's services. */
function cgroups(): string[] {
  return readdirSync('/sys/fs/cgroup', { recursive: true, encoding: 'utf8' }).filter((path) =>
    new RegExp(`cutover-shop-${process.pid}-\\w+$`).test(path),
  );
}

describe('kill, terminate, restart', () => {
  test.each([{ kind: 'kill' }, { kind: 'terminate' }] as const)('$kind: gone, and there again', async ({ kind }) => {
    const fault: ServiceFault = { ...times, kind };
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    expect(await sign(shop, fault)).toMatchObject({ seen: false });
    await inject(shop, fault);
    expect(await sign(shop, fault)).toEqual({ seen: true, detail: 'its processes are gone' });
    await expect(ask('')).rejects.toThrow('fetch failed');
    await remove(shop, fault);
    expect(await ask('')).toBe(200);
    expect(incidents).toEqual([]);
  });

  test('restart: another process', async () => {
    const fault: ServiceFault = { ...times, kind: 'restart' };
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    const before = shop.pid();
    await inject(shop, fault);
    expect(await sign(shop, fault)).toMatchObject({ seen: true });
    expect(shop.pid()).not.toBe(before);
    await remove(shop, fault);
    expect(await ask('')).toBe(200);
    expect(incidents).toEqual([]);
  });
});

describe('pause', () => {
  const fault: ServiceFault = { ...times, kind: 'pause' };

  test('all processes stand still, and go on', async () => {
    const { system, shop, ask, incidents } = await start(fault);
    await using stack = new AsyncDisposableStack();
    stack.use(system);
    await ask('burn/1');
    await ask('leave/1');
    await until('its children run', () => shop.processes().length === 3);
    // Not in the service's group, so that nothing ends it with the service.
    const left = shop.processes().filter((pid) => !listGroup(shop.pid() ?? 0)?.includes(pid));
    expect(left).toHaveLength(1);
    stack.defer(() => {
      for (const pid of left) process.kill(pid, 'SIGKILL');
    });
    expect(await sign(shop, fault)).toEqual({ seen: false, detail: '0 of its 3 processes stand still' });
    await inject(shop, fault);
    expect(await sign(shop, fault)).toEqual({ seen: true, detail: '3 of its 3 processes stand still' });
    expect(shop.processes().map(isStopped)).toEqual([true, true, true]);
    const cpuBefore = shop.processes().map(cpuTicks);
    await remove(shop, fault);
    expect(shop.processes().map(isStopped)).toEqual([false, false, false]);
    await until('they work on', () => shop.processes().some((pid, i) => cpuTicks(pid) > (cpuBefore[i] ?? 0)));
    expect(await ask('')).toBe(200);
    expect(incidents).toEqual([]);
  });

  test('is of no use to one that does not run, and nothing then has to be undone', async () => {
    const { system, shop } = await start(fault);
    await using _ = system;
    await shop.end('SIGKILL');
    await expect(inject(shop, fault)).rejects.toMatchObject({ code: 'service-not-running' });
    expect(await sign(shop, fault)).toMatchObject({ seen: false });
    await remove(shop, fault);
  });
});

/** User and system time of a process, in clock ticks. */
function cpuTicks(pid: number): number {
  const stat = readProcStat(pid);
  return stat === undefined ? 0 : Number(stat(14)) + Number(stat(15));
}

describe.skipIf(cpu.skip)(`cpu-pressure ${cpu.reason}`, () => {
  /** CPU time that the service took of a second, roughly: only ever compared. */
  async function share(shop: ServiceControl): Promise<number> {
    const ticks = () => shop.processes().reduce((sum, pid) => sum + cpuTicks(pid), 0);
    const [startMs, startTicks] = [performance.now(), ticks()];
    await until('a while has passed', () => performance.now() > startMs + 500);
    return (ticks() - startTicks) / (performance.now() - startMs);
  }

  test('all its processes together get no more, children that start meanwhile too; then as before', async () => {
    const fault: ServiceFault = { ...times, kind: 'cpu-pressure', cores: 0.1, ramp: { from: 0.2, to: 0.1 } };
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    await ask('burn/1');
    await until('it burns', async () => (await share(shop)) > 0.03);
    const before = await share(shop);
    expect(cgroups()).toEqual([]);
    await inject(shop, fault);
    expect(cgroups()).toHaveLength(1);
    await ask('burn/1');
    await until('both burn', () => shop.processes().length === 3);
    await until('the kernel holds it back', async () => (await sign(shop, fault))?.seen === true);
    expect(await share(shop)).toBeLessThan(before * 0.7);
    await serviceKind(fault).adjust?.(shop, fault, 0.05);
    const during = await share(shop);
    expect(during).toBeLessThan(before * 0.4);
    await remove(shop, fault);
    expect(cgroups()).toEqual([]);
    expect(await sign(shop, fault)).toMatchObject({ seen: false });
    await until('it burns again', async () => (await share(shop)) > during * 2);
    expect(incidents).toEqual([]);
  });

  test('one that needs less than it gets does not feel it, which the sign tells', async () => {
    const fault: ServiceFault = { ...times, kind: 'cpu-pressure', cores: 64 };
    const { system, shop } = await start(fault);
    await using _ = system;
    await inject(shop, fault);
    expect(await sign(shop, fault)).toEqual({ seen: false, detail: 'the kernel held it back 0 times' });
    await remove(shop, fault);
  });

  test('a limit that was not lifted is gone with the system', async () => {
    const fault: ServiceFault = { ...times, kind: 'cpu-pressure', cores: 0.5 };
    const { system, shop } = await start(fault);
    await inject(shop, fault);
    expect(cgroups()).toHaveLength(1);
    await system[Symbol.asyncDispose]();
    expect(cgroups()).toEqual([]);
  });
});

describe.skipIf(memory.skip)(`memory-pressure ${memory.reason}`, () => {
  const fault: ServiceFault = { ...times, kind: 'memory-pressure', limitBytes: 160 * MIB };

  test('a child that wants more is killed for it, which is no incident; then there is room again', async () => {
    const { system, shop, ask, incidents } = await start(fault);
    expect(cgroups()).toHaveLength(1);
    await inject(shop, fault);
    expect(await sign(shop, fault)).toMatchObject({
      seen: false,
      detail: expect.stringContaining('of 160MiB') as unknown,
    });
    await ask('child-grow/256');
    await until('it was met', async () => (await sign(shop, fault))?.seen === true);
    await until('the child is gone', () => shop.processes().length === 1);
    expect((await sign(shop, fault))?.detail).toMatch(/the kernel killed 1 of its processes/);
    await remove(shop, fault);
    expect(await ask('grow/256')).toBe(200);
    expect(incidents).toEqual([]);
    await system[Symbol.asyncDispose]();
    expect(cgroups()).toEqual([]);
  });

  test('a service that wants more is killed: an incident that says why', async () => {
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    await inject(shop, fault);
    await ask('grow/256').catch(() => undefined);
    await until('it is told of', () => incidents.length === 1);
    expect(incidents[0]).toContain(
      `service "shop" ended by itself (signal SIGKILL: killed by the kernel, out of memory under the fault's limit of 160MiB)`,
    );
    await remove(shop, fault);
  });

  test('what it had before counts: a limit below that is refused, or kills', async () => {
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    await ask('grow/64');
    const tight: ServiceFault = { ...fault, limitBytes: 32 * MIB };
    const refused = await inject(shop, tight).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (refused === undefined) await until('it is told of', () => incidents.length === 1);
    else
      expect(refused).toMatchObject({
        code: 'no-memory-limit',
        message: expect.stringMatching(/holds \d+.*MiB/) as unknown,
      });
    await remove(shop, tight);
  });

  test('beside cpu-pressure, in one cgroup of each kind', async () => {
    const other: ServiceFault = { ...times, name: 'other', kind: 'cpu-pressure', cores: 0.1 };
    const { system, shop, ask } = await start(fault, other);
    await ask('burn/2');
    await inject(shop, fault);
    await inject(shop, other);
    await until('the kernel holds it back', async () => (await sign(shop, other))?.seen === true);
    await remove(shop, other);
    expect(await sign(shop, fault)).toMatchObject({ detail: expect.stringContaining('of 160MiB') as unknown });
    await remove(shop, fault);
    await system[Symbol.asyncDispose]();
    expect(cgroups()).toEqual([]);
  });

  test('one that was not started for it cannot be limited', async () => {
    const { system, shop } = await start();
    await using _ = system;
    await expect(inject(shop, fault)).rejects.toMatchObject({ code: 'no-memory-cgroup' });
  });
});

describe.skipIf(disk.skip)(`disk-full ${disk.reason}`, () => {
  const fault: ServiceFault = { ...times, kind: 'disk-full', sizeBytes: 8 * MIB, leaveBytes: 64 * 1024 };

  test('the data folder is full but for what is left, and then empty again', async () => {
    const { system, shop, ask, incidents } = await start(fault);
    await using _ = system;
    expect(await ask(`write/${4 * MIB}`)).toBe(200);
    // On the machine itself nothing was written.
    expect(existsSync(`${shop.dataFolder}/file`)).toBe(false);
    expect(await sign(shop, fault)).toMatchObject({ seen: false });
    await inject(shop, fault);
    expect(await sign(shop, fault)).toEqual({ seen: true, detail: 'not a byte more than 64KiB can be written' });
    expect(await ask(`write/${6 * MIB}`)).toBe(507);
    await remove(shop, fault);
    expect(await ask(`write/${6 * MIB}`)).toBe(200);
    expect(await ask(`write/${9 * MIB}`)).toBe(507);
    expect(incidents).toEqual([]);
  });

  test('nothing at all is left; a service that makes room itself is seen', async () => {
    const nothing: ServiceFault = { ...fault, leaveBytes: 0 };
    const { system, shop, ask } = await start(nothing);
    await using _ = system;
    expect(await ask(`write/${MIB}`)).toBe(200);
    await inject(shop, nothing);
    expect(await sign(shop, nothing)).toEqual({ seen: true, detail: 'not a byte more than 0B can be written' });
    // Its file is cut to nothing before it is written anew.
    expect(await ask('write/1')).toBe(200);
    expect(await sign(shop, nothing)).toEqual({ seen: false, detail: 'more than 0B is free' });
    await remove(shop, nothing);
  });

  test('one that was started without a quota is not filled', async () => {
    const { system, shop } = await start();
    await using _ = system;
    await expect(inject(shop, fault)).rejects.toMatchObject({ code: 'no-disk-quota' });
    await remove(shop, fault);
  });

  test('more than the memory bears is refused before anything is started', async () => {
    await expect(start({ ...fault, sizeBytes: 2 ** 50 })).rejects.toMatchObject({
      code: 'no-disk-quota',
      exitCode: 4,
      message: expect.stringMatching(/fault "fault" \(disk-full\): 1048576GiB in memory/) as unknown,
    });
    expect(context.journalled).toEqual([]);
  });
});
