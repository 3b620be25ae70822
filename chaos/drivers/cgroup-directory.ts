import { readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CleanupError } from '../../lib/errors.ts';
import { settled } from './settled.ts';

/** Ids of the processes in a cgroup; none where it is gone. */
export async function membersOf(path: string): Promise<readonly number[]> {
  try {
    return (await readFile(join(path, 'cgroup.procs'), 'utf8')).split('\n').filter(Boolean).map(Number);
  } catch (error) {
    if (['ENOENT', 'ENODEV'].includes(codeOf(error))) return [];
    throw error;
  }
}

/** Puts a process with all its threads into a cgroup, unless it has ended meanwhile. */
export async function moveTo(path: string, pid: number): Promise<void> {
  try {
    await writeFile(join(path, 'cgroup.procs'), String(pid));
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

/** Kills what is in a cgroup, and removes it; it may be gone already. CleanupError. */
export async function endCgroup(path: string): Promise<void> {
  let failure: unknown;
  const gone = await settled(async () => {
    for (const pid of await membersOf(path)) kill(pid);
    try {
      await rmdir(path);
      return true;
    } catch (error) {
      failure = error;
      return codeOf(error) === 'ENOENT';
    }
  });
  if (!gone) {
    const hint = `see which processes are in it: cat ${path}/cgroup.procs`;
    throw new CleanupError(`cgroup ${path} could not be removed`, { hint, cause: failure });
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (codeOf(error) !== 'ESRCH') throw error;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
