import { EnvironmentError } from '../lib/errors.ts';
import { pauseOf } from './drivers/pause.ts';
import { treeOf } from './drivers/paused-tree.ts';
import { isGroupGone } from './drivers/process-group.ts';
import type { ProcessIdentity } from './drivers/process-table.ts';
import type { ServiceControl, Strain } from './service-control.ts';

/** A service that another process has started: it can be paused, and nothing else that only its owner could undo. */
export function attachService(name: string, leader: ProcessIdentity): ServiceControl {
  const notOwner = () => new EnvironmentError('not-its-owner', `service "${name}" was started by another process`);
  const refuse = (): Promise<never> => Promise.reject(notOwner());
  const refused: Strain<number> = { apply: refuse, lift: () => Promise.resolve(), sign: refuse };
  return {
    name,
    pid: () => (isGroupGone(leader) ? undefined : leader.pid),
    processes: () => treeOf(leader),
    signal() {
      throw notOwner();
    },
    end: refuse,
    start: refuse,
    dataFolder: '',
    pause: pauseOf(name, () => leader),
    cpu: refused,
    memory: refused,
    disk: refused,
  };
}
