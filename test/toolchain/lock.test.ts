import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { acquireLock } from '../../lib/toolchain/lock.ts';
import { livenessOf, ownIdentity } from '../../lib/toolchain/process-identity.ts';
import { startChild } from './support/child.ts';

const forever = new AbortController().signal;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-lock-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('acquireLock', () => {
  it('makes a second taker wait for the first, and says for whom', async () => {
    const order: string[] = [];
    const first = await acquireLock(folder, { signal: forever });
    const waiting = Promise.withResolvers<number>();
    const second = acquireLock(folder, { signal: forever, onWait: ({ pid }) => waiting.resolve(pid) }).then((lock) => {
      order.push('second taken');
      return lock;
    });
    expect(await waiting.promise).toBe(process.pid);
    order.push('first released');
    await first[Symbol.asyncDispose]();
    await (await second)[Symbol.asyncDispose]();
    expect(order).toEqual(['first released', 'second taken']);
  });

  it('takes over from a process that was killed', async () => {
    await using child = startChild(lockChild(), [folder, 'forever']);
    await child.printed('held');
    const waits: number[] = [];
    const waiting = Promise.withResolvers<void>();
    const next = acquireLock(folder, {
      signal: forever,
      onWait: ({ pid }) => {
        waits.push(pid);
        waiting.resolve();
      },
    });
    await waiting.promise;
    await child.kill();
    await (await next)[Symbol.asyncDispose]();
    expect(waits).toHaveLength(1);
  });

  it('lets one at a time in among processes that compete from a dead lock on', async () => {
    await writeFile(join(folder, 'lock.7'), JSON.stringify({ ...ownIdentity(), startedAt: 'before' }));
    const children = Array.from({ length: 4 }, () => startChild(lockChild(), [folder, '15']));
    const ends = await Promise.all(children.map(({ ended }) => ended));
    expect(ends).toEqual(ends.map(() => ({ code: 0, stderr: '' })));
    expect(await readFile(join(folder, 'counter'), 'utf8')).toBe('60');
    expect((await readdir(folder)).filter((name) => name.startsWith('lock'))).toHaveLength(1);
  });

  it('believes a holder it cannot see as long as that keeps the lock fresh', async () => {
    const path = join(folder, 'lock.1');
    await writeFile(path, JSON.stringify({ ...ownIdentity(), pidNamespace: 'another container' }));
    const waiting = Promise.withResolvers<void>();
    const next = acquireLock(folder, { signal: forever, onWait: () => waiting.resolve() });
    await waiting.promise;
    await utimes(path, new Date(0), new Date(0));
    await (await next)[Symbol.asyncDispose]();
    expect(await readdir(folder)).toEqual(['lock.2']);
  });

  it('takes over a lock whose content is lost, and sweeps drafts of the dead', async () => {
    await writeFile(join(folder, 'lock.3'), '');
    await writeFile(join(folder, 'lock-draft-x'), '');
    await using lock = await acquireLock(folder, { signal: forever });
    expect(lock).toBeDefined();
    expect(await readdir(folder)).toEqual(['lock.4']);
  });

  it('stops waiting on abort', async () => {
    await using first = await acquireLock(folder, { signal: forever });
    expect(first).toBeDefined();
    const abort = new AbortController();
    const second = acquireLock(folder, { signal: abort.signal, onWait: () => abort.abort() });
    await expect(second).rejects.toThrow('aborted');
  });
});

describe('livenessOf', () => {
  it('tells a live process from a dead one, a later one with its id, and one out of sight', async () => {
    const own = ownIdentity();
    expect(livenessOf(own)).toBe('alive');
    expect(livenessOf({ ...own, startedAt: 'earlier' })).toBe('dead');
    expect(livenessOf({ ...own, pid: 2 ** 22 + 1 })).toBe('dead');
    expect(livenessOf({ ...own, pidNamespace: 'another container' })).toBe('unknown');
  });
});

function lockChild(): URL {
  return new URL('./support/lock-child.ts', import.meta.url);
}
