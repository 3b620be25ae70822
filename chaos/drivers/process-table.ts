import { readdirSync } from 'node:fs';
import { PROC_STAT, PROC_STATE, type ProcStat, readProcStat } from '../../lib/proc-stat.ts';

/**
 * A process, told from a later one that got the same id by its start time (clock ticks since boot; undefined where the
 * system has no /proc).
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string | undefined;
}

export function identify(pid: number): ProcessIdentity {
  return { pid, startTime: readProcStat(pid)?.(PROC_STAT.startTime) };
}

/** Whether the id belongs to another process than the identity's by now. */
export function isReused({ pid, startTime }: ProcessIdentity): boolean {
  const now = readProcStat(pid)?.(PROC_STAT.startTime);
  return startTime !== undefined && now !== undefined && now !== startTime;
}

/** Ids of a process group's running processes; undefined where there is no /proc to read them from. */
export function listGroup(group: number): readonly number[] | undefined {
  return readTable()?.flatMap(([pid, stat]) => (groupOf(stat) === group ? [pid] : []));
}

/** As listGroup, and all that descend from them: a child may have left the group. */
export function listTree(group: number): readonly number[] | undefined {
  const table = readTable();
  if (table === undefined) return undefined;
  const tree = new Set(table.flatMap(([pid, stat]) => (groupOf(stat) === group ? [pid] : [])));
  for (let before = -1; tree.size > before;) {
    before = tree.size;
    for (const [pid, stat] of table) if (tree.has(Number(stat(PROC_STAT.parent)))) tree.add(pid);
  }
  return [...tree];
}

/** Whether a signal has stopped it; undefined when there is no such process. */
export function isStopped(pid: number): boolean | undefined {
  const stat = readProcStat(pid);
  return stat === undefined || !isLive(stat) ? undefined : stat(PROC_STAT.state) === PROC_STATE.stopped;
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

/** Every running process. */
function readTable(): readonly (readonly [number, ProcStat])[] | undefined {
  if (process.platform !== 'linux') return undefined;
  return readdirSync('/proc').flatMap((entry) => {
    const stat = /^\d+$/.test(entry) ? readProcStat(Number(entry)) : undefined;
    return stat !== undefined && isLive(stat) ? [[Number(entry), stat] as const] : [];
  });
}

function groupOf(stat: ProcStat): number {
  return Number(stat(PROC_STAT.group));
}

function isLive(stat: ProcStat): boolean {
  const state = stat(PROC_STAT.state);
  return state !== PROC_STATE.zombie && state !== PROC_STATE.dead;
}
