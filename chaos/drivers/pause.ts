import { EnvironmentError } from '../../lib/errors.ts';
import type { Strain } from '../service-control.ts';
import { continueTree, pauseTree, stoppedIn, treeOf } from './paused-tree.ts';
import type { ProcessIdentity } from './process-table.ts';
import { settled } from './settled.ts';

/** All processes of a service stand still where they are, which none can refuse (SIGSTOP), and go on (SIGCONT). */
export function pauseOf(name: string, leader: () => ProcessIdentity | undefined): Strain {
  return {
    async apply() {
      const group = leader();
      if (group === undefined) throw new EnvironmentError('service-not-running', `service "${name}" does not run`);
      if (process.platform !== 'linux') {
        throw new EnvironmentError('no-process-table', `whether service "${name}" stands still cannot be seen here`, {
          hint: 'pausing needs /proc, which Linux has',
        });
      }
      // Again where one was started meanwhile by another that had not stopped yet; whether it worked is the sign's to tell.
      await settled(() => {
        pauseTree(group);
        return stoppedIn(group).length === treeOf(group).length;
      });
    },
    async lift() {
      const group = leader();
      if (group !== undefined) await continueTree(group);
    },
    sign() {
      const group = leader();
      const [all, stopped] = group === undefined ? [0, 0] : [treeOf(group).length, stoppedIn(group).length];
      const seen = all > 0 && stopped === all;
      return Promise.resolve({ seen, detail: `${stopped} of its ${all} processes stand still` });
    },
  };
}
