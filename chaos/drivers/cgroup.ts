import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CleanupError, EnvironmentError } from '../../lib/errors.ts';
import { endCgroup, membersOf, moveTo } from './cgroup-directory.ts';
import { type Controller, type Hierarchy, findHierarchy } from './cgroup-hierarchy.ts';
import { settled } from './settled.ts';

export type { Controller };

/** Who removes a cgroup when this process dies before it could. */
export interface CgroupGuard {
  guardCgroup(path: string): void;
  releaseCgroup(path: string): void;
}

/** The files of one controller, in a directory of one of the two versions of cgroups. */
export interface Knobs {
  readonly version: 1 | 2;
  read(file: string): Promise<string>;
  write(file: string, value: string): Promise<void>;
}

/** A cgroup of a service's own; with version 1 it is one directory for each controller. */
export interface Cgroup {
  /** Undefined where it was made without the controller. */
  knobs(controller: Controller): Knobs | undefined;
  /** Puts a process in, with all its threads; children that it starts from then on are in it, too. */
  join(pid: number): Promise<void>;
  /** Puts all in, also those that are started meanwhile. EnvironmentError('cgroup-not-joined'). */
  gather(processes: () => readonly number[]): Promise<void>;
  /** Puts all back to where this process is, and sees that none is left. CleanupError. */
  scatter(): Promise<void>;
  /** Kills what is still in it, and removes it. CleanupError. */
  remove(): Promise<void>;
}

const HINT = 'run as root, or in a scope of your own: systemd-run --user --scope -p Delegate=yes npx cutover …';

/** Whether cgroups with the controller can be made here: makes one, and removes it. */
export async function canUseCgroups(
  controller: Controller,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string; readonly hint: string }> {
  try {
    const cgroup = await makeCgroup('probe', [controller], { guardCgroup: () => {}, releaseCgroup: () => {} });
    await cgroup.remove();
    return { ok: true };
  } catch (error) {
    const { message, hint = HINT } = error as EnvironmentError;
    return { ok: false, reason: message, hint };
  }
}

/** Makes a cgroup that has the controllers, and limits nothing yet. EnvironmentError('no-cgroups'). */
export async function makeCgroup(
  service: string,
  controllers: readonly Controller[],
  guard: CgroupGuard,
): Promise<Cgroup> {
  const name = `cutover-${service}-${process.pid}-${randomUUID().slice(0, 8)}`;
  const directories: Directory[] = [];
  const remove = async () => {
    for (let first = directories[0]; first !== undefined; first = directories[0]) {
      await endCgroup(first.path);
      guard.releaseCgroup(first.path);
      directories.shift();
    }
  };
  try {
    for (const [hierarchy, own] of await groupByHierarchy(controllers)) {
      directories.push(await makeDirectory(name, hierarchy, own, guard));
    }
  } catch (error) {
    await remove();
    throw error;
  }
  const admit = async (pid: number) => {
    for (const { path } of directories) await moveTo(path, pid);
  };
  return {
    knobs(controller) {
      const directory = directories.find((candidate) => candidate.controllers.includes(controller));
      return directory === undefined ? undefined : knobs(directory);
    },
    join: admit,
    async gather(processes) {
      const outside = async () => {
        const inside = await Promise.all(directories.map(({ path }) => membersOf(path)));
        return processes().filter((pid) => inside.some((pids) => !pids.includes(pid)));
      };
      const all = await settled(async () => {
        for (const pid of await outside()) await admit(pid);
        return (await outside()).length === 0;
      });
      if (all) return;
      const hint = `processes that stay outside: ${(await outside()).join(', ')}`;
      throw new EnvironmentError('cgroup-not-joined', `service "${service}" could not be put into a cgroup`, { hint });
    },
    async scatter() {
      for (const { path, home } of directories) {
        const empty = await settled(async () => {
          for (const pid of await membersOf(path)) await moveTo(home, pid);
          return (await membersOf(path)).length === 0;
        });
        if (!empty) throw new CleanupError(`processes of service "${service}" could not be put back out of ${path}`);
      }
    },
    remove,
  };
}

interface Directory {
  readonly version: 1 | 2;
  readonly controllers: readonly Controller[];
  readonly path: string;
  /** Where this process is. */
  readonly home: string;
}

/** Controllers that are in one hierarchy are in one directory. */
async function groupByHierarchy(controllers: readonly Controller[]): Promise<(readonly [Hierarchy, Controller[]])[]> {
  const found = await Promise.all(
    controllers.map(async (controller) => {
      const hierarchy = await findHierarchy(controller);
      if (hierarchy !== undefined) return { controller, hierarchy };
      const message = `there are no cgroups with the controller "${controller}" on this machine`;
      throw new EnvironmentError('no-cgroups', message, { hint: 'cgroups are a part of Linux: see cgroups(7)' });
    }),
  );
  return [...Map.groupBy(found, ({ hierarchy }) => hierarchy.root).values()].flatMap((group) =>
    group[0] === undefined ? [] : [[group[0].hierarchy, group.map(({ controller }) => controller)] as const],
  );
}

/**
 * Version 1: below this process's own. Version 2 wants processes in leaves only, so that it is the nearest ancestor that
 * may have such a child. There the controllers are switched on for its children where they were not; that limits nobody,
 * and stays.
 */
async function makeDirectory(
  name: string,
  { version, root, own }: Hierarchy,
  controllers: readonly Controller[],
  guard: CgroupGuard,
): Promise<Directory> {
  const failures: unknown[] = [];
  for (let parent = own; ; parent = dirname(parent)) {
    const path = join(parent, name);
    guard.guardCgroup(path);
    try {
      if (version === 2) {
        await requireBranch(parent);
        await enable(parent, controllers);
      }
      // Whoever moves a process must be able to write here, too: cgroups(7), "Delegation containment".
      await access(join(parent, 'cgroup.procs'), constants.W_OK);
      await mkdir(path);
      return { version, controllers, path, home: own };
    } catch (error) {
      guard.releaseCgroup(path);
      failures.push(error);
    }
    if (version === 1 || parent === root) break;
  }
  const names = controllers.map((controller) => `"${controller}"`).join(' and ');
  const message = `no cgroup with ${names} can be made in ${own}: ${messageOf(failures.at(-1))}`;
  throw new EnvironmentError('no-cgroups', message, { hint: HINT, cause: failures.at(-1) });
}

/** Only the root of all may have processes and children with controllers; it has no type: cgroups(7), "no internal processes". */
async function requireBranch(parent: string): Promise<void> {
  const isRoot = await access(join(parent, 'cgroup.type')).then(
    () => false,
    () => true,
  );
  if (!isRoot && (await membersOf(parent)).length > 0) throw new Error(`${parent} has processes of its own`);
}

async function enable(parent: string, controllers: readonly Controller[]): Promise<void> {
  const file = join(parent, 'cgroup.subtree_control');
  const enabled = (await readFile(file, 'utf8')).trim().split(' ');
  for (const controller of controllers) {
    if (!enabled.includes(controller)) await writeFile(file, `+${controller}`);
  }
}

function knobs({ version, path }: Directory): Knobs {
  return {
    version,
    read: async (file) => (await readFile(join(path, file), 'utf8')).trim(),
    write: (file, value) => writeFile(join(path, file), value),
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
