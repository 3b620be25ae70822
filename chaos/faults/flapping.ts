import { formatDuration } from '../../lib/units.ts';
import { down } from './down.ts';
import type { EdgeTarget, FaultKind, OnEdge } from './fault-kind.ts';

/** The edge goes down and comes back, down first, over and over. */
export interface FlappingFault extends OnEdge {
  readonly kind: 'flapping';
  readonly downMs: number;
  readonly upMs: number;
}

export const flapping: FaultKind<FlappingFault, EdgeTarget> = {
  kind: 'flapping',
  describe: ({ downMs, upMs }) => `down for ${formatDuration(downMs)}, up for ${formatDuration(upMs)}, in turn`,
  inject: ({ proxy }) => proxy.setEnabled(false),
  /** 1 is up, 0 is down. */
  adjust: ({ proxy }, _fault, value) => proxy.setEnabled(value === 1),
  remove: (target, fault) => down.remove(target, { ...fault, kind: 'down' }),
  probe: { mode: 'round-trip', shows: () => 'partly-unanswered' },
};
