import { CleanupError, EnvironmentError } from '../../lib/errors.ts';
import type { ServiceControl, Strain } from '../service-control.ts';
import { type Cgroup, type CgroupGuard, type Knobs, makeCgroup } from './cgroup.ts';

/** The kernel's default, and Kubernetes's: the quota is for each of these. */
const PERIOD_US = 100_000;
/** The least that the kernel takes. */
const MIN_QUOTA_US = 1_000;

interface CpuLimitOptions {
  readonly service: Pick<ServiceControl, 'name' | 'processes'>;
  /** The cgroup that it lives in, if it has one with the controller; else one is made for the time of the limit. */
  readonly home: () => Cgroup | undefined;
  readonly guard: CgroupGuard;
}

export interface CpuLimit extends Strain<number> {
  /** Removes a cgroup that is left of a limit which could not be lifted; nothing runs in it any more. CleanupError. */
  discard(): Promise<void>;
}

/** A service's share of the CPU, by the quota of a cgroup: its processes together run so long in each 100 ms. */
export function cpuLimitOf({ service, home, guard }: CpuLimitOptions): CpuLimit {
  let inForce:
    | { readonly knobs: Knobs; readonly made: Cgroup | undefined; readonly throttledBefore: number }
    | undefined;

  async function enter(): Promise<Knobs> {
    const at = home()?.knobs('cpu');
    const made = at === undefined ? await makeCgroup(service.name, ['cpu'], guard) : undefined;
    const knobs = at ?? made?.knobs('cpu');
    if (knobs === undefined) throw new Error('a cgroup was made without the controller that it was made for');
    inForce = { knobs, made, throttledBefore: await throttled(knobs) };
    return knobs;
  }

  return {
    async apply(cores) {
      if (service.processes().length === 0) {
        throw new EnvironmentError('service-not-running', `service "${service.name}" does not run`);
      }
      const knobs = inForce?.knobs ?? (await enter());
      await setQuota(knobs, Math.max(MIN_QUOTA_US, Math.round(cores * PERIOD_US)), service.name);
      await inForce?.made?.gather(service.processes);
    },
    async lift() {
      if (inForce === undefined) return;
      const { knobs, made } = inForce;
      if (!(await clearQuota(knobs))) {
        throw new CleanupError(`the CPU limit of service "${service.name}" could not be taken off`);
      }
      await made?.scatter();
      await made?.remove();
      inForce = undefined;
    },
    async sign() {
      if (inForce === undefined) return { seen: false, detail: 'it has no CPU limit' };
      const times = (await throttled(inForce.knobs)) - inForce.throttledBefore;
      return { seen: times > 0, detail: `the kernel held it back ${times} times` };
    },
    async discard() {
      await inForce?.made?.remove();
      inForce = undefined;
    },
  };
}

async function setQuota(knobs: Knobs, quotaUs: number, service: string): Promise<void> {
  try {
    if (knobs.version === 2) {
      await knobs.write('cpu.max', `${quotaUs} ${PERIOD_US}`);
    } else {
      await knobs.write('cpu.cfs_period_us', String(PERIOD_US));
      await knobs.write('cpu.cfs_quota_us', String(quotaUs));
    }
  } catch (cause) {
    const { message } = cause as Error;
    throw new EnvironmentError('no-cpu-limit', `the CPU of service "${service}" could not be limited: ${message}`, {
      hint: 'this process may have less CPU itself than is to be left to the service',
      cause,
    });
  }
}

/** Whether it was seen to be cleared. */
async function clearQuota(knobs: Knobs): Promise<boolean> {
  if (knobs.version === 2) {
    await knobs.write('cpu.max', 'max');
    return (await knobs.read('cpu.max')).startsWith('max ');
  }
  await knobs.write('cpu.cfs_quota_us', '-1');
  return (await knobs.read('cpu.cfs_quota_us')) === '-1';
}

/** How many periods the group was held back in. */
async function throttled(knobs: Knobs): Promise<number> {
  return Number(/^nr_throttled (\d+)$/m.exec(await knobs.read('cpu.stat'))?.[1] ?? 0);
}
