import { CleanupError, EnvironmentError } from '../../lib/errors.ts';
import { formatSize } from '../../lib/units.ts';
import type { Strain } from '../service-control.ts';
import type { Cgroup, Knobs } from './cgroup.ts';

/** What is used moves by whole pages, and a little below the limit. */
const AT_LIMIT = 0.95;

export interface MemoryLimit extends Strain<number> {
  /** "killed by the kernel, …" when it did so while the limit was in force; else undefined. Never rejects. */
  killed(): Promise<string | undefined>;
}

/**
 * A limit on the memory of a service that has lived in a cgroup of its own from its start, so that all that it uses is
 * counted: the kernel does not move what a process has when the process is moved. Files in the page cache count, too, and
 * are what the kernel takes back first.
 */
export function memoryLimitOf(service: string, cgroup: () => Cgroup | undefined): MemoryLimit {
  let inForce: { readonly knobs: Knobs; readonly limitBytes: number; readonly before: Counts } | undefined;
  return {
    async apply(limitBytes) {
      const knobs = cgroup()?.knobs('memory');
      if (knobs === undefined) {
        throw new EnvironmentError('no-memory-cgroup', `service "${service}" was not started in a cgroup of its own`);
      }
      inForce = { knobs, limitBytes, before: inForce?.before ?? (await count(knobs)) };
      await setLimit(knobs, limitBytes, service);
    },
    async lift() {
      if (inForce === undefined) return;
      if (!(await clearLimit(inForce.knobs))) {
        throw new CleanupError(`the memory limit of service "${service}" could not be taken off`);
      }
      inForce = undefined;
    },
    async sign() {
      if (inForce === undefined) return { seen: false, detail: 'it has no memory limit' };
      const { knobs, limitBytes, before } = inForce;
      const now = await count(knobs);
      const usedBytes = await used(knobs);
      const [hits, kills] = [now.hits - before.hits, now.kills - before.kills];
      return {
        seen: hits > 0 || kills > 0 || usedBytes >= AT_LIMIT * limitBytes,
        detail:
          `it uses ${formatSize(usedBytes)} of ${formatSize(limitBytes)}, met the limit ${hits} times` +
          (kills > 0 ? `, and the kernel killed ${kills} of its processes` : ''),
      };
    },
    async killed() {
      if (inForce === undefined) return undefined;
      const now = await count(inForce.knobs).catch(() => undefined);
      if (now === undefined || now.kills === inForce.before.kills) return undefined;
      return `killed by the kernel, out of memory under the fault's limit of ${formatSize(inForce.limitBytes)}`;
    },
  };
}

interface Counts {
  /** How often the limit was met. */
  readonly hits: number;
  /** How many processes were killed for it. */
  readonly kills: number;
}

async function count(knobs: Knobs): Promise<Counts> {
  if (knobs.version === 2) {
    const events = await knobs.read('memory.events');
    return { hits: field(events, 'max'), kills: field(events, 'oom_kill') };
  }
  return {
    hits: Number(await knobs.read('memory.failcnt')),
    kills: field(await knobs.read('memory.oom_control'), 'oom_kill'),
  };
}

async function used(knobs: Knobs): Promise<number> {
  return Number(await knobs.read(knobs.version === 2 ? 'memory.current' : 'memory.usage_in_bytes'));
}

async function setLimit(knobs: Knobs, limitBytes: number, service: string): Promise<void> {
  try {
    if (knobs.version === 2) {
      // Not `memory.high`, at which a process is slowed down until it all but stands still: a container's limit is this one.
      await knobs.write('memory.max', String(limitBytes));
    } else {
      await knobs.write('memory.limit_in_bytes', String(limitBytes));
    }
  } catch (cause) {
    const [usedBytes, { code, message }] = [await used(knobs), cause as NodeJS.ErrnoException];
    const why = code === 'EBUSY' ? `it holds ${formatSize(usedBytes)}, of which not enough can be taken back` : message;
    const limit = formatSize(limitBytes);
    throw new EnvironmentError('no-memory-limit', `service "${service}" could not be limited to ${limit}: ${why}`, {
      hint: 'a limit of what it uses in the steady state, and a little more, lets it live and feel it',
      cause,
    });
  }
}

/** Whether it was seen to be cleared. */
async function clearLimit(knobs: Knobs): Promise<boolean> {
  if (knobs.version === 2) {
    await knobs.write('memory.max', 'max');
    return (await knobs.read('memory.max')) === 'max';
  }
  await knobs.write('memory.limit_in_bytes', '-1');
  // "None" is shown as the largest number of whole pages.
  return Number(await knobs.read('memory.limit_in_bytes')) > Number.MAX_SAFE_INTEGER;
}

function field(text: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}
