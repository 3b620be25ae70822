import { isDenseRate, judgeWindow } from '../../../lib/judge/budget-window.ts';
import { badRow, isBad } from '../../../lib/judge/drills/bad-windows.ts';
import { tallySecond } from '../../../lib/judge/tally.ts';
import { EnvironmentError } from '../../../lib/errors.ts';
import type { Second } from '../../../lib/observe/observations.ts';
import { waitUntil } from '../../wait-until.ts';
import { type Drill, type DrillStep, stepOf } from '../drill.ts';
import type { ActContext, Seen } from './act.ts';
import { allOff } from './all-off.ts';

/** Before the trigger: how many requests there usually are. */
const USUAL_SECONDS = 5;

/** Watches the windows as they are complete, and rolls back when the budget was broken in so many of them in a row. */
export async function actRollback(drill: Drill<'rollback'>, act: ActContext, seen: Seen): Promise<void> {
  const [bad, after] = [stepOf(drill, 'bad'), stepOf(drill, 'after')];
  if (!(await decision(drill, bad, act, seen))) return;
  seen.marks.push({ atMs: act.nowMs(), step: bad.step, event: 'asked', text: 'rollback asked for' });
  try {
    await (drill.by === 'kill-switch' ? act.killSwitch(true) : act.switchTraffic(drill.by.traffic));
    seen.marks.push({ atMs: act.nowMs(), step: bad.step, event: 'applied', text: 'the switch shows it' });
  } catch (error) {
    if (!(error instanceof EnvironmentError) || !error.code.endsWith('-not-applied')) throw error;
    // Asked for and not seen: what became of it is what the windows show.
    seen.records.rollback = { notApplied: error.message };
  }
  if (!(await waitUntil(after.startMs, act.nowMs, act.signal))) return;
  await act.switchTraffic(allOff(Object.keys(drill.traffic)));
  if (drill.by === 'kill-switch') await act.killSwitch(false);
}

/** Whether the budget was broken for long enough before the step's end. */
function decision(drill: Drill<'rollback'>, bad: DrillStep, act: ActContext, seen: Seen): Promise<boolean> {
  const { budget, decideAfter } = drill;
  const usual: number[] = [];
  const windows: ReturnType<typeof judgeWindow>[] = [];
  return new Promise((resolve) => {
    act.onSecond((second: Second) => {
      const startMs = second.t * 1_000;
      if (startMs < bad.startMs) {
        usual.push(tallySecond(second, budget).total);
        return;
      }
      if (startMs + 1_000 > bad.endMs) return;
      const before = usual.slice(-USUAL_SECONDS);
      const rate = before.reduce((total, events) => total + events, 0) / Math.max(1, before.length);
      const window = judgeWindow(second, budget, isDenseRate(rate));
      if (isBad(window) && !windows.some(isBad)) {
        seen.marks.push({
          atMs: act.nowMs(),
          step: bad.step,
          event: 'detected',
          text: 'a window broke the budget',
          values: { windowStartMs: startMs },
        });
      }
      windows.push(window);
      if (badRow(windows, decideAfter) !== undefined) resolve(true);
    });
    void waitUntil(bad.endMs, act.nowMs, act.signal).then(() => resolve(false));
  });
}
