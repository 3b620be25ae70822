import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { EnvironmentError } from '../lib/errors.ts';
import type { CgroupGuard } from './drivers/cgroup.ts';
import type { GroupGuard } from './drivers/child-process.ts';
import { type ProcessIdentity, identify } from './drivers/process-table.ts';
import type { Lease, LeaseHolder } from './lease.ts';

/** What the harness tells its warden, one JSON line each. */
export type WardenMessage =
  | { readonly guard: ProcessIdentity }
  | { readonly release: number }
  | { readonly cgroup: string }
  | { readonly releaseCgroup: string }
  | { readonly lease: Lease }
  | { readonly endLease: string };

/**
 * A small process that ends the process groups which the harness started, and undoes the faults that it injected, when the
 * harness dies before it could, even by SIGKILL; a fault also when its time is over and the harness hangs. It lives in a
 * session of its own, so that ctrl-C in the terminal does not reach it.
 */
export interface Warden extends GroupGuard, CgroupGuard, LeaseHolder, AsyncDisposable {
  readonly pid: number;
  /** EnvironmentError('warden-gone') when the warden has ended: nothing would be guarded. */
  guard(pid: number): void;
  release(pid: number): void;
  /** A cgroup that is removed once the groups are gone. EnvironmentError('warden-gone'), as `guard`. */
  guardCgroup(path: string): void;
  releaseCgroup(path: string): void;
  /** EnvironmentError('warden-gone'), as `guard`. */
  lease(lease: Lease): void;
  /** Waits until it has ended. It goes on alone, for ten minutes at most, while there are leases that were not ended. */
  [Symbol.asyncDispose](): PromiseLike<void>;
}

const END_TIMEOUT_MS = 10_000;

/** Starts the warden and waits until it listens. EnvironmentError('warden-not-started'). */
export async function startWarden(): Promise<Warden> {
  // Beside this file, as source or as compiled.
  const main = fileURLToPath(new URL(`./warden-main${import.meta.url.slice(-3)}`, import.meta.url));
  const child = spawn(process.execPath, [main], {
    stdio: ['pipe', 'pipe', 'ignore'],
    cwd: '/',
    env: {},
    detached: true,
  });
  const { stdin, stdout } = child as ChildProcess & { stdin: Socket; stdout: Socket };
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  // Its end is seen by `exitCode`; a broken pipe says nothing more.
  stdin.on('error', () => {});
  const ready = await Promise.race([once(stdout, 'data').then(() => true), exited.then(() => false)]);
  if (!ready || child.pid === undefined) {
    throw new EnvironmentError('warden-not-started', `${process.execPath} ${main} did not start (${child.exitCode})`);
  }
  stdout.destroy();
  child.unref();
  stdin.unref();
  const { pid } = child;
  const leases = new Set<string>();
  const gone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  // A write this small goes into the pipe at once: it is there even if this process is killed right after.
  const send = (message: WardenMessage): void => void stdin.write(`${JSON.stringify(message)}\n`);
  const requireThere = (): void => {
    if (gone()) throw new EnvironmentError('warden-gone', 'the process that cleans up after a crash has ended');
  };
  return {
    pid,
    guard(guarded) {
      requireThere();
      send({ guard: identify(guarded) });
    },
    release(guarded) {
      if (!gone()) send({ release: guarded });
    },
    guardCgroup(cgroup) {
      requireThere();
      send({ cgroup });
    },
    releaseCgroup(releaseCgroup) {
      if (!gone()) send({ releaseCgroup });
    },
    lease(lease) {
      requireThere();
      leases.add(lease.id);
      send({ lease });
    },
    endLease(id) {
      leases.delete(id);
      if (!gone()) send({ endLease: id });
    },
    async [Symbol.asyncDispose]() {
      stdin.end();
      if (leases.size > 0) return;
      child.ref();
      const timer = setTimeout(() => child.kill('SIGKILL'), END_TIMEOUT_MS);
      await exited;
      clearTimeout(timer);
    },
  };
}
