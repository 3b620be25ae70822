import { formatSize } from '../../lib/units.ts';
import type { FaultKind, OnService, ServiceTarget } from './fault-kind.ts';

/** The service's data folder is full but for `leaveBytes`. */
export interface DiskFullFault extends OnService {
  readonly kind: 'disk-full';
  /** What the folder holds, during the whole run: it is a file system of its own in memory, and gone with the service. */
  readonly sizeBytes: number;
  readonly leaveBytes: number;
}

export const diskFull: FaultKind<DiskFullFault, ServiceTarget> = {
  kind: 'disk-full',
  describe: ({ sizeBytes, leaveBytes }) =>
    `data folder of ${formatSize(sizeBytes)} filled${leaveBytes > 0 ? ` but for ${formatSize(leaveBytes)}` : ''}`,
  inject: (service, { leaveBytes }) => service.disk.apply(leaveBytes),
  remove: (service) => service.disk.lift(),
  sign: (service) => service.disk.sign(),
};
