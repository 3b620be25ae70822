import { readdirSync } from 'node:fs';
import { type ProcStat, readProcStat } from '../../lib/proc-stat.ts';

/** Numbers of fields in proc_pid_stat(5). */
const [STATE, GROUP, START_TIME] = [3, 5, 22];

/**
 * A process, told from a later one that got the same id by its start time (clock ticks since boot; undefined where the
 * system has no /proc).
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | undefined;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readProcStat(pid)?.(START_TIME) };
}

/** Whether the id belongs to another process than the identity's by now. */
export function isReused({ pid, startTime }: ProcessIdentity): boolean {
  const now = readProcStat(pid)?.(START_TIME);
  return startTime !== undefined && now !== undefined && now !== startTime;
}

/** Ids of a process group's running processes; undefined where there is no /proc to read them from. */
export function listGroup(group: number): readonly number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const stat = readProcStat(pid);
      return stat !== undefined && Number(stat(GROUP)) === group && isLive(stat);
    });
}

/** Whether there is a process (or, for a negative id, a group) to send a signal to. */
export function canSignal(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isLive(stat: ProcStat): boolean {
  return !['Z', 'X'].includes(stat(STATE));
}
