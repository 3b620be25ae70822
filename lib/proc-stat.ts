import { readFileSync } from 'node:fs';

/** Fields of /proc/PID/stat by their numbers in proc_pid_stat(5); the third and later ones. */
export type ProcStat = (number: number) => string;

/** Numbers of fields in proc_pid_stat(5). */
export const PROC_STAT = { state: 3, parent: 4, group: 5, startTime: 22 } as const;

/** What its third field says of a process that a signal has stopped, and of one that has ended. */
export const PROC_STATE = { stopped: 'T', zombie: 'Z', dead: 'X' } as const;

/** What the kernel says of a process; undefined when there is none, and where there is no /proc. */
export function readProcStat(pid: number): ProcStat | undefined {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return undefined;
  }
}

/** The second field, the name in parentheses, may itself hold spaces and parentheses: fields are counted from behind it. */
export function parseProcStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (number) => fields[number - 3] ?? '';
}
