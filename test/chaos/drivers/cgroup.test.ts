import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { endCgroup } from '../../../chaos/drivers/cgroup-directory.ts';
import { parseHierarchies } from '../../../chaos/drivers/cgroup-hierarchy.ts';
import { canUseCgroups, makeCgroup } from '../../../chaos/drivers/cgroup.ts';
import { identify } from '../../../chaos/drivers/process-table.ts';
import { treeOf } from '../../../chaos/drivers/paused-tree.ts';
import { isGroupGone } from '../../../chaos/drivers/process-group.ts';
import { requirement } from '../../helpers/require.ts';
import { until } from '../../helpers/until.ts';

const HARNESS = fileURLToPath(new URL('../fixtures/limited-harness.ts', import.meta.url));

describe('where cgroups are', () => {
  test('a machine with version 2 only', () => {
    const mounts =
      '30 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n22 1 8:1 / / rw - ext4 /dev/sda1 rw\n';
    expect(parseHierarchies(mounts, '0::/user.slice/user-1000.slice/session-3.scope\n')).toEqual([
      {
        version: 2,
        controllers: [],
        root: '/sys/fs/cgroup',
        own: '/sys/fs/cgroup/user.slice/user-1000.slice/session-3.scope',
      },
    ]);
  });

  test('a machine with both, where two controllers share a tree and a path has a blank', () => {
    const mounts = [
      '33 32 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '34 32 0:31 / /sys/fs/cgroup/my\\040memory rw - cgroup cgroup rw,memory',
      '35 32 0:32 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
      '36 32 0:33 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
    ].join('\n');
    const own = '9:memory:/a b\n4:cpu,cpuacct:/\n1:name=systemd:/init\n0::/init\n';
    expect(parseHierarchies(mounts, own).map(({ version, own: path }) => [version, path])).toEqual([
      [1, '/sys/fs/cgroup/cpu,cpuacct'],
      [1, '/sys/fs/cgroup/my memory/a b'],
      [1, '/sys/fs/cgroup/systemd/init'],
      [2, '/sys/fs/cgroup/unified/init'],
    ]);
  });

  test('a container that sees only its own part of the tree', () => {
    const mounts = '33 32 0:30 /docker/4f /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n';
    expect(parseHierarchies(mounts, '4:cpu:/docker/4f\n')).toMatchObject([{ own: '/sys/fs/cgroup/cpu' }]);
    expect(parseHierarchies(mounts, '4:cpu:/docker/4f1\n')).toMatchObject([{ own: '/sys/fs/cgroup/cpu' }]);
    expect(parseHierarchies(mounts, '4:cpu:/docker/4f/inner\n')).toMatchObject([{ own: '/sys/fs/cgroup/cpu/inner' }]);
    expect(parseHierarchies(mounts, '4:cpu:/../4e\n')).toMatchObject([{ own: '/sys/fs/cgroup/cpu' }]);
    expect(parseHierarchies(mounts, '4:cpu:/elsewhere\n')).toMatchObject([{ own: '/sys/fs/cgroup/cpu' }]);
  });
});

const answer = await canUseCgroups('cpu');
const cgroups = requirement('cgroups', answer.ok, answer.ok ? '' : answer.reason);

/** A guard that only remembers. */
function cgroupGuard() {
  const held = new Set<string>();
  return {
    held,
    guardCgroup: (path: string) => void held.add(path),
    releaseCgroup: (path: string) => void held.delete(path),
  };
}

describe.skipIf(cgroups.skip)(`a cgroup ${cgroups.reason}`, () => {
  const children: ChildProcess[] = [];
  afterEach(() => {
    for (const { pid } of children.splice(0))
      if (pid !== undefined && !isGroupGone(identify(pid))) process.kill(-pid, 'SIGKILL');
  });

  async function startTree() {
    const child = spawn('sh', ['-c', 'sleep 60 & sleep 60; true'], { stdio: 'ignore', detached: true });
    children.push(child);
    await once(child, 'spawn');
    const leader = identify(child.pid as number);
    await until('its children run', () => treeOf(leader).length === 3);
    return { leader, processes: () => treeOf(leader) };
  }

  const groupOf = async (pid: number) => {
    const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).split('\n');
    return lines.find((line) => /^\d+:([^:]*,)?cpu[,:]/.test(line) || line.startsWith('0::/cutover')) ?? lines.join();
  };

  test('takes a whole tree in, gives it back, and is gone', async () => {
    const guard = cgroupGuard();
    const { processes, leader } = await startTree();
    const before = await groupOf(leader.pid);
    const cgroup = await makeCgroup('shop', ['cpu'], guard);
    const [path = ''] = guard.held;
    expect(existsSync(path)).toBe(true);
    await cgroup.gather(processes);
    for (const pid of processes()) expect(await groupOf(pid)).toContain('cutover-shop-');
    await cgroup.scatter();
    for (const pid of processes()) expect(await groupOf(pid)).toBe(before);
    await cgroup.remove();
    expect(existsSync(path)).toBe(false);
    expect(guard.held).toEqual(new Set());
    expect(processes()).toHaveLength(3);
    // A second time is none.
    await cgroup.remove();
  });

  test('has what it was made for, and nothing else', async () => {
    const cgroup = await makeCgroup('shop', ['memory'], cgroupGuard());
    expect(cgroup.knobs('memory')).toBeDefined();
    expect(cgroup.knobs('cpu')).toBeUndefined();
    await cgroup.remove();
  });

  test('is ended with what is in it; one that is gone is no failure', async () => {
    const guard = cgroupGuard();
    const { processes, leader } = await startTree();
    const cgroup = await makeCgroup('shop', ['cpu', 'memory'], guard);
    await cgroup.gather(processes);
    const paths = [...guard.held];
    for (const path of [...paths, ...paths]) await endCgroup(path);
    await until('all are gone', () => isGroupGone(leader));
    expect(paths.map(existsSync)).toEqual(paths.map(() => false));
  });

  test('is removed by the warden when the harness was killed', async () => {
    await using folder = await mkdtempDisposable(join(tmpdir(), 'cutover-cgroup-'));
    const harness = spawn(process.execPath, [HARNESS, folder.path], { stdio: ['ignore', 'pipe', 'ignore'] });
    const [line] = (await once(createInterface({ input: harness.stdout }), 'line')) as [string];
    const { warden, service, paths } = JSON.parse(line) as { warden: number; service: number; paths: string[] };
    const [wardenLeader, serviceLeader] = [identify(warden), identify(service)];
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(await readFile(join(path, 'cgroup.procs'), 'utf8')).toBe(`${service}\n`);
    harness.kill('SIGKILL');
    await until('the warden is gone', () => isGroupGone(wardenLeader));
    expect(isGroupGone(serviceLeader)).toBe(true);
    expect(paths.map(existsSync)).toEqual(paths.map(() => false));
  });

  test('that does not get all processes says so', async () => {
    const guard = cgroupGuard();
    const cgroup = await makeCgroup('shop', ['cpu'], guard);
    await expect(cgroup.gather(() => [2 ** 22 + 1])).rejects.toMatchObject({ code: 'cgroup-not-joined' });
    await cgroup.remove();
  });
});
