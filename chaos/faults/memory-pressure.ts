import { formatSize } from '../../lib/units.ts';
import type { FaultKind, OnService, ServiceTarget } from './fault-kind.ts';

/** The service's processes get at most so much memory together, files in the page cache counted in. */
export interface MemoryPressureFault extends OnService {
  readonly kind: 'memory-pressure';
  readonly limitBytes: number;
}

export const memoryPressure: FaultKind<MemoryPressureFault, ServiceTarget> = {
  kind: 'memory-pressure',
  describe: ({ limitBytes }) => `memory limited to ${formatSize(limitBytes)}`,
  inject: (service, { limitBytes }) => service.memory.apply(limitBytes),
  remove: (service) => service.memory.lift(),
  sign: (service) => service.memory.sign(),
};
