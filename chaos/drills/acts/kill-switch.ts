import { waitUntil } from '../../wait-until.ts';
import { EnvironmentError } from '../../../lib/errors.ts';
import { canonicalJson } from '../canonical-json.ts';
import { type Drill, stepOf } from '../drill.ts';
import { type KillSwitchUseRecord, LEAD_MS } from '../kill-switch.ts';
import type { ActContext, Seen } from './act.ts';

/** Between the bound of the first use and the second: what is late arrives before it. */
const AGAIN_MS = 500;

/** Engages the kill switch, engages it again, releases it; and once more while the way to it is disturbed. */
export async function actKillSwitch(drill: Drill<'kill-switch'>, act: ActContext, seen: Seen): Promise<void> {
  const { within, ignore, control } = drill;
  const uses: KillSwitchUseRecord[] = [];
  seen.records['kill-switch'] = { uses };
  const use = async (name: KillSwitchUseRecord['use'], atMs: number): Promise<void> => {
    if (!(await waitUntil(atMs, act.nowMs, act.signal))) return;
    const askedMs = act.nowMs();
    try {
      const { appliedMs, states } = await act.killSwitch(name !== 'released' && name !== 'restored');
      uses.push({ use: name, askedMs, appliedMs, state: canonicalJson(states, ignore) });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      // Whether that is the switch's fault is for the judge to say.
      uses.push({ use: name, askedMs, error: error.message });
    }
  };
  const at = (step: string): number => stepOf(drill, step).startMs + LEAD_MS;
  await use('engaged', at('engaged'));
  await use('again', at('engaged') + within + AGAIN_MS);
  await use('released', at('released'));
  if (control === undefined) return;
  await use('control', at('control'));
  await use('restored', at('restored'));
}
