import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readProcStat } from '../proc-stat.ts';

/** Numbers of fields in proc_pid_stat(5). */
const [STATE, START_TIME] = [3, 22];

/** Enough to tell later, from another process, whether this one still runs. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Tells the process from a later one that got the same id; opaque; empty where the system does not say. */
  readonly startedAt: string;
  /** Ids mean the same process only within one of these: a boot of a machine, and there one container. */
  readonly pidNamespace: string;
}

export function ownIdentity(): ProcessIdentity {
  return { pid: process.pid, startedAt: readState(process.pid)?.startedAt ?? '', pidNamespace: ownPidNamespace() };
}

/** "unknown": it ran in another container or on another machine (a shared cache), from where its id says nothing. */
export function livenessOf(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  if (identity.pidNamespace !== ownPidNamespace()) return 'unknown';
  const state = readState(identity.pid);
  if (state === undefined) return canBeSignalled(identity.pid) ? 'alive' : 'dead';
  if (state.zombie) return 'dead';
  return identity.startedAt === '' || state.startedAt === identity.startedAt ? 'alive' : 'dead';
}

function ownPidNamespace(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return hostname();
  }
}

/** Undefined where neither /proc nor ps knows the process. */
function readState(pid: number): { readonly startedAt: string; readonly zombie: boolean } | undefined {
  const stat = readProcStat(pid);
  if (stat !== undefined) return { startedAt: stat(START_TIME), zombie: stat(STATE) === 'Z' };
  return process.platform === 'linux' ? undefined : readStateByPs(pid);
}

function readStateByPs(pid: number): { readonly startedAt: string; readonly zombie: boolean } | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
    const [state = '', ...start] = line.split(/\s+/);
    return { startedAt: start.join(' '), zombie: state.startsWith('Z') };
  } catch {
    return undefined;
  }
}

function canBeSignalled(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
