import { readFileSync, readdirSync } from 'node:fs';
import { type ProcStat, readProcStat } from '../proc-stat.ts';
import type { ProcessReader, ProcessReading } from './process-tree.ts';

/** Units that /proc counts in; the kernel tells them to each process in its auxiliary vector (getauxval(3)). */
interface Units {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

const AT_PAGESZ = 6n;
const AT_CLKTCK = 17n;

/**
 * Reads Linux's /proc. Its files are made on the spot, so that a synchronous read costs some microseconds. Only processes
 * that are asked for, and ones not seen before (they may be new children), are read: a machine with many others costs one
 * listing.
 */
export function procfsReader(): ProcessReader {
  const units = readUnits();
  const others = new Set<number>();
  return {
    async read(pids) {
      // Asked for a process that was passed over until now: its children may have been, too.
      if (pids.values().some((pid) => others.has(pid))) others.clear();
      const readings = new Map<number, ProcessReading>();
      const listed = new Set<number>();
      for (const name of readdirSync('/proc')) {
        const pid = Number(name);
        if (!Number.isInteger(pid)) continue;
        listed.add(pid);
        if (others.has(pid)) continue;
        const reading = readProcess(pid, units);
        if (reading !== undefined) readings.set(pid, reading);
      }
      const ours = descendants(readings, pids);
      for (const pid of readings.keys()) if (!ours.has(pid)) others.add(pid);
      for (const pid of others) if (!listed.has(pid)) others.delete(pid);
      return readings;
    },
  };
}

function descendants(readings: ReadonlyMap<number, ProcessReading>, roots: ReadonlySet<number>): Set<number> {
  const found = new Set(roots);
  let before = -1;
  while (found.size > before) {
    before = found.size;
    for (const { pid, parent } of readings.values()) if (found.has(parent)) found.add(pid);
  }
  return found;
}

function readProcess(pid: number, units: Units): ProcessReading | undefined {
  const stat = readProcStat(pid);
  // Undefined: it ended between the listing and the reading.
  return stat === undefined ? undefined : toReading(pid, stat, units);
}

/** CPU time, memory and family from the fields of proc_pid_stat(5); undefined when one is missing. */
export function toReading(
  pid: number,
  stat: ProcStat,
  { ticksPerSecond, pageBytes }: Units,
): ProcessReading | undefined {
  const field = (number: number) => Number.parseInt(stat(number), 10);
  const reading = {
    pid,
    parent: field(4),
    started: field(22),
    ownSeconds: (field(14) + field(15)) / ticksPerSecond,
    endedChildrenSeconds: (field(16) + field(17)) / ticksPerSecond,
    rssBytes: field(24) * pageBytes,
  };
  return Object.values(reading).every(Number.isFinite) ? reading : undefined;
}

function readUnits(): Units {
  let ticksPerSecond = 100;
  let pageBytes = 4_096;
  const vector = readFileSync('/proc/self/auxv');
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    const value = Number(vector.readBigUInt64LE(at + 8));
    if (vector.readBigUInt64LE(at) === AT_PAGESZ) pageBytes = value;
    if (vector.readBigUInt64LE(at) === AT_CLKTCK) ticksPerSecond = value;
  }
  return { ticksPerSecond, pageBytes };
}
