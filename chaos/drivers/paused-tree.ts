import { CleanupError } from '../../lib/errors.ts';
import { signalGroup } from './process-group.ts';
import { type ProcessIdentity, isReused, isStopped, listTree } from './process-table.ts';
import { settled } from './settled.ts';

/** Stops a group's processes and all that descend from them (SIGSTOP). */
export function pauseTree(leader: ProcessIdentity): void {
  signalTree(leader, 'SIGSTOP');
}

/** Lets them go on (SIGCONT), and sees to it that they do. CleanupError. */
export async function continueTree(leader: ProcessIdentity): Promise<void> {
  signalTree(leader, 'SIGCONT');
  if (await settled(() => stoppedIn(leader).length === 0)) return;
  throw new CleanupError(`process ${leader.pid} still stands still after SIGCONT`, {
    hint: `let it go on with: kill -CONT -- -${leader.pid}`,
  });
}

/** Those of the tree's processes that a signal has stopped. */
export function stoppedIn(leader: ProcessIdentity): readonly number[] {
  return treeOf(leader).filter((pid) => isStopped(pid) === true);
}

/** Ids of a group's running processes and all that descend from them; the leader alone where there is no process table. */
export function treeOf(leader: ProcessIdentity): readonly number[] {
  return isReused(leader) ? [] : (listTree(leader.pid) ?? [leader.pid]);
}

function signalTree(leader: ProcessIdentity, signal: NodeJS.Signals): void {
  signalGroup(leader, signal);
  // A child may have left the group.
  for (const pid of treeOf(leader)) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ESRCH' && code !== 'EPERM') throw error;
    }
  }
}
