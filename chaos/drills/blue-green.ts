import type { Traffic } from '../../lib/plan/schema/load.ts';
import { formatDuration } from '../../lib/units.ts';
import type { DrillKind } from './drill-kind.ts';

/** What the drill saw that no other observation holds: nothing, all of it is in the load's and the taps'. */
export type BlueGreenRecord = Readonly<Record<string, never>>;

/**
 *   candidate   all traffic to the candidate
 *   baseline    all of it back
 *   again       to the candidate again
 */
export const blueGreen: DrillKind<'blue-green'> = {
  kind: 'blue-green',
  contract: ({ capabilities, within, hold }) =>
    `all of ${capabilities.join(', ')} to the candidate, back, and there again, ${formatDuration(hold)} each; ` +
    `moved within ${formatDuration(within)}, and nothing breaks`,
  steps({ capabilities, hold }) {
    const all = (traffic: Traffic) => Object.fromEntries(capabilities.map((capability) => [capability, traffic]));
    return [
      { step: 'candidate', durationMs: hold, traffic: all('full') },
      { step: 'baseline', durationMs: hold, traffic: all('off') },
      { step: 'again', durationMs: hold, traffic: all('full') },
    ];
  },
};
