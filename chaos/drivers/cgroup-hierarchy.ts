import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

/** What limits a kind of resource; each is in one hierarchy of the machine. */
export type Controller = 'cpu' | 'memory';

/** A mounted tree of cgroups, and where this process is in it. */
export interface Hierarchy {
  readonly version: 1 | 2;
  /** Its controllers, for version 1; version 2 tells by the file `cgroup.controllers` of each cgroup. */
  readonly controllers: readonly string[];
  readonly root: string;
  /** Directory of the cgroup that this process is in. */
  readonly own: string;
}

/** The hierarchy that has the controller; undefined where none is mounted. A controller is in one hierarchy only. */
export async function findHierarchy(controller: Controller): Promise<Hierarchy | undefined> {
  if (process.platform !== 'linux') return undefined;
  const [mounts, own] = await Promise.all([
    readFile('/proc/self/mountinfo', 'utf8'),
    readFile('/proc/self/cgroup', 'utf8'),
  ]);
  const hierarchies = parseHierarchies(mounts, own);
  const first = hierarchies.find(({ controllers }) => controllers.includes(controller));
  if (first !== undefined) return first;
  for (const hierarchy of hierarchies) {
    if (hierarchy.version === 1) continue;
    const controllers = await readFile(join(hierarchy.root, 'cgroup.controllers'), 'utf8');
    if (controllers.trim().split(' ').includes(controller)) return hierarchy;
  }
  return undefined;
}

/** From /proc/self/mountinfo (proc_pid_mountinfo(5)) and /proc/self/cgroup (cgroups(7)). */
export function parseHierarchies(mounts: string, memberships: string): Hierarchy[] {
  const members = memberships.split('\n').flatMap((line) => {
    const [, controllers, path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    return controllers === undefined || path === undefined ? [] : [{ controllers: controllers.split(','), path }];
  });
  return mounts.split('\n').flatMap((line): Hierarchy[] => {
    const [before = '', after = ''] = line.split(' - ');
    const [, , , mounted = '', root = ''] = before.split(' ').map(unescape);
    const [type, , options = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') return [];
    const names = type === 'cgroup' ? options.split(',') : [''];
    const member = members.find(({ controllers }) => controllers.every((name) => names.includes(name)));
    if (member === undefined) return [];
    const own = resolve(root, `.${visible(member.path, mounted)}`);
    return [
      type === 'cgroup'
        ? { version: 1, controllers: member.controllers, root, own }
        : { version: 2, controllers: [], root, own },
    ];
  });
}

/**
 * A cgroup's path below a mount of `mounted`, which in a container may be only a part of the tree: where the cgroup is not in
 * it (in a namespace such a path begins with "/.."), what can be seen of the tree is all there is.
 */
function visible(path: string, mounted: string): string {
  const prefix = mounted === '/' ? '' : mounted;
  return `${path}/`.startsWith(`${prefix}/`) && !path.startsWith('/..') ? path.slice(prefix.length) : '/';
}

/** Blanks in paths are written as octal numbers. */
function unescape(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
