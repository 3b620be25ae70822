import { type Controller, canUseCgroups } from '../../chaos/drivers/cgroup.ts';
import { canLimitDisks } from '../../chaos/drivers/disk-quota.ts';
import type { Fault } from '../../chaos/faults/fault.ts';
import { EnvironmentError } from '../errors.ts';

/** What a service has to be started with, because of the faults that the plan has for it. */
export interface ServiceNeeds {
  /**
   * Controllers of a cgroup that it lives in from its start: memory is counted only where it was first used. Empty where it
   * needs none; CPU alone can be limited later.
   */
  readonly controllers: readonly Controller[];
  /** Size of its data folder; undefined: the machine's. */
  readonly dataBytes: number | undefined;
}

export function needsOf(service: string, faults: readonly Fault[]): ServiceNeeds {
  const own = faults.filter((fault) => 'service' in fault && fault.service === service);
  const has = (kind: Fault['kind']) => own.some((fault) => fault.kind === kind);
  const sizes = own.flatMap((fault) => (fault.kind === 'disk-full' ? [fault.sizeBytes] : []));
  return {
    controllers: has('memory-pressure') ? ['memory', ...(has('cpu-pressure') ? (['cpu'] as const) : [])] : [],
    dataBytes: sizes.length > 0 ? Math.max(...sizes) : undefined,
  };
}

/**
 * Sees whether this machine can do what the faults on services ask for, before anything is built or started.
 * EnvironmentError('no-cgroups' | 'no-disk-quota') with what is missing.
 */
export async function requireNeeds(faults: readonly Fault[]): Promise<void> {
  const controllers = new Map<Controller, Fault>();
  for (const fault of faults) {
    if (fault.kind === 'cpu-pressure') controllers.set('cpu', fault);
    if (fault.kind === 'memory-pressure') controllers.set('memory', fault);
  }
  for (const [controller, { name, kind }] of controllers) {
    const answer = await canUseCgroups(controller);
    if (!answer.ok) throw new EnvironmentError('no-cgroups', `fault "${name}" (${kind}): ${answer.reason}`, answer);
  }
  const quotas = faults.flatMap((fault) => (fault.kind === 'disk-full' ? [fault] : []));
  const [first] = quotas;
  if (first === undefined) return;
  const bytesOf = new Map<string, number>();
  for (const { service, sizeBytes } of quotas) bytesOf.set(service, Math.max(sizeBytes, bytesOf.get(service) ?? 0));
  const answer = await canLimitDisks([...bytesOf.values()].reduce((sum, bytes) => sum + bytes, 0));
  if (answer.ok) return;
  throw new EnvironmentError('no-disk-quota', `fault "${first.name}" (disk-full): ${answer.reason}`, answer);
}
