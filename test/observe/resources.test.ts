import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { describe, expect, test } from 'vitest';
import { type ProcessReader, processTree } from '../../lib/observe/process-tree.ts';
import { procfsReader, toReading } from '../../lib/observe/procfs.ts';
import { parseProcStat } from '../../lib/proc-stat.ts';
import { parsePs, psReader } from '../../lib/observe/ps.ts';
import { watchResources } from '../../lib/observe/resources.ts';
import { until } from '../helpers/until.ts';

/** Burns CPU until it is killed. */
const BURN = 'for (;;) {}';

async function start(file: string, args: readonly string[]) {
  const child: ChildProcess = spawn(file, args, { stdio: 'ignore', detached: true });
  await once(child, 'spawn');
  const pid = child.pid as number;
  return {
    pid,
    async [Symbol.asyncDispose]() {
      process.kill(-pid, 'SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

const readers: readonly (readonly [string, () => ProcessReader])[] =
  process.platform === 'linux'
    ? [
        ['/proc', procfsReader],
        ['ps', psReader],
      ]
    : [['ps', psReader]];

describe.each(readers)('with %s', (_, makeReader) => {
  test('a process that a shell started counts with the shell', async () => {
    await using shell = await start('sh', ['-c', `"${process.execPath}" -e "${BURN}"; true`]);
    const reader = makeReader();
    const tree = processTree(shell.pid);
    const read = async () => tree.update(await reader.read(new Set(tree.pids())));
    await until('the child is seen', async () => {
      await read();
      return tree.pids().length === 2;
    });
    await until('a second of CPU was used', async () => ((await read())?.cpuSeconds ?? 0) > 1);
    const usage = await read();
    expect(usage?.rssBytes).toBeGreaterThan(20 * 1024 * 1024);
    expect(usage?.rssBytes).toBeLessThan(500 * 1024 * 1024);
  });

  test('a tree that was not watched from the start is found with its children', async () => {
    const reader = makeReader();
    await using first = await start('sh', ['-c', 'sleep 60; true']);
    await using later = await start('sh', ['-c', 'sleep 60; true']);
    const children = async (pid: number) =>
      [...(await reader.read(new Set([first.pid]))).values()].filter(({ parent }) => parent === pid);
    await until("the first one's child is seen", async () => (await children(first.pid)).length === 1);
    const tree = processTree(later.pid);
    await until("the later one's child is seen", async () => {
      tree.update(await reader.read(new Set([first.pid, ...tree.pids()])));
      return tree.pids().length === 2;
    });
    expect(tree.pids()).toContain(later.pid);
  });

  test('a process that has ended is not there', async () => {
    const ended = await start('true', []);
    await ended[Symbol.asyncDispose]().catch(() => undefined);
    const reader = makeReader();
    const tree = processTree(ended.pid);
    const update = async () => tree.update(await reader.read(new Set([ended.pid])));
    await until('it is gone', async () => (await update()) === undefined);
    expect(await update()).toBeUndefined();
  });
});

test('a line of /proc/PID/stat, with the worst of names', () => {
  const line = `4242 (a) b (c) R 17 1 1 0 -1 4194304 98 0 0 0 150 50 25 75 20 0 9 0 180142 3133440 382 18446744073709551615\n`;
  expect(toReading(4242, parseProcStat(line), { ticksPerSecond: 100, pageBytes: 4_096 })).toEqual({
    pid: 4242,
    parent: 17,
    started: 180142,
    ownSeconds: 2,
    endedChildrenSeconds: 1,
    rssBytes: 382 * 4_096,
  });
  expect(toReading(4242, parseProcStat('4242 (cut'), { ticksPerSecond: 100, pageBytes: 4_096 })).toBeUndefined();
});

test("ps's lines as Linux and macOS write them", () => {
  const output = '    1     0 01:02:03   1024\n  42     1   0:05.25 2048\n 43 42 2-00:00:01 0\n\n';
  expect(parsePs(output).map(({ pid, parent, ownSeconds, rssBytes }) => [pid, parent, ownSeconds, rssBytes])).toEqual([
    [1, 0, 3_723, 1_048_576],
    [42, 1, 5.25, 2_097_152],
    [43, 42, 172_801, 0],
  ]);
});

describe('watchResources', () => {
  test('gives cores and memory of a window for each source that was there', async () => {
    await using burning = await start(process.execPath, ['-e', BURN]);
    const clock = () => performance.now();
    const resources = watchResources(clock);
    resources.watchProcess('shop', 'service', burning.pid);
    const start0 = clock();
    await resources.read();
    const from = clock();
    await until('a while has passed', () => clock() - start0 > 500);
    const to = clock();
    await resources.read();
    const windows = resources.between(from, to);
    expect(windows.map(({ source, role }) => `${role} ${source}`).toSorted()).toEqual([
      'harness cutover',
      'machine machine',
      'service shop',
    ]);
    const cores = Object.fromEntries(windows.map(({ source, cpuCores }) => [source, cpuCores]));
    expect(cores['shop']).toBeGreaterThan(0);
    expect(cores['machine']).toBeGreaterThan(0);
    expect(cores['machine']).toBeLessThanOrEqual(availableParallelism() * 1.5);
    expect(windows.find(({ source }) => source === 'shop')?.rssBytes).toBeGreaterThan(10 * 1024 * 1024);
    expect(windows.find(({ source }) => source === 'machine')?.rssBytes).toBe(0);
  });

  test('a source that got a new process is read by that one, with a gap in between', async () => {
    let nowMs = 0;
    const used = new Map([
      [71, [10, 11, 12]],
      [72, [50, 50.25, 50.5]],
    ]);
    const resources = watchResources(() => nowMs, {
      read: (pids) =>
        Promise.resolve(
          new Map(
            [...pids].map((pid) => {
              const ownSeconds = used.get(pid)?.shift() ?? 0;
              const reading = { pid, parent: 1, started: pid, ownSeconds, endedChildrenSeconds: 0, rssBytes: pid };
              return [pid, reading] as const;
            }),
          ),
        ),
    });
    const readAt = async (atMs: number) => {
      nowMs = atMs;
      await resources.read();
    };
    const shop = (fromMs: number, toMs: number) =>
      resources.between(fromMs, toMs).find(({ source }) => source === 'shop');
    resources.watchProcess('shop', 'service', 71);
    await readAt(0);
    await readAt(1_000);
    resources.watchProcess('shop', 'service', 72);
    await readAt(2_000);
    await readAt(3_000);
    expect(shop(0, 1_000)).toMatchObject({ cpuCores: 1, rssBytes: 71 });
    expect(shop(1_000, 2_000)).toBeUndefined();
    expect(shop(2_000, 3_000)).toMatchObject({ cpuCores: 0.25, rssBytes: 72 });
  });

  test('a machine whose processes cannot be read leaves them out, and goes on', async () => {
    const resources = watchResources(() => performance.now(), { read: () => Promise.reject(new Error('no ps')) });
    resources.watchProcess('shop', 'service', process.pid);
    await resources.read();
    const from = performance.now();
    await until('the clock moves on', () => performance.now() > from + 1);
    const to = performance.now();
    await resources.read();
    expect(resources.between(from, to).map(({ source }) => source)).toEqual(['cutover', 'machine']);
  });
});
