import { readFileSync, readdirSync } from 'node:fs';

/**
 * A process, told from a later one that got the same id by its start time (clock ticks since boot; undefined where the
 * system has no /proc).
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | undefined;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readStat(pid)?.startTime };
}

/** Whether the id belongs to another process than the identity's by now. */
export function isReused({ pid, startTime }: ProcessIdentity): boolean {
  const now = readStat(pid)?.startTime;
  return startTime !== undefined && now !== undefined && now !== startTime;
}

/** Ids of a process group's running processes; undefined where there is no /proc to read them from. */
export function listGroup(group: number): readonly number[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat !== undefined && stat.group === group && isLive(stat);
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

interface Stat {
  readonly state: string;
  readonly group: number;
  readonly startTime: string;
}

function isLive({ state }: Stat): boolean {
  return state !== 'Z' && state !== 'X';
}

/** Fields 3 (state), 5 (process group) and 22 (start time) of proc(5)'s stat; the name before them may hold anything. */
function readStat(pid: number): Stat | undefined {
  if (process.platform !== 'linux') return undefined;
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), startTime: fields[19] ?? '' };
  } catch {
    return undefined;
  }
}
