import { EnvironmentError } from '../../../lib/errors.ts';
import { analyseCanary } from '../../../lib/judge/drills/canary-analysis.ts';
import type { Second } from '../../../lib/observe/observations.ts';
import { waitUntil } from '../../wait-until.ts';
import { type CanaryRecord, analysisStep, canaryBlocks, canaryTraffic } from '../canary.ts';
import { type Drill, type DrillStep, stepOf } from '../drill.ts';
import type { ActContext, Seen } from './act.ts';

/** Behind the last block: what has begun in it has ended, and its window is complete. */
const ENDED_MS = 1_000;

/** Moves the traffic block by block, looks at each share's blocks when they are complete, and stops a canary that is worse. */
export async function actCanary(drill: Drill<'canary'>, act: ActContext, seen: Seen): Promise<void> {
  const { capability, shares } = drill;
  const record: { -readonly [K in keyof CanaryRecord]: CanaryRecord[K] } = { notMoved: [], decisions: [] };
  seen.records.canary = record;
  const complete = collect(drill, act);
  const move = async (step: DrillStep, share: number | undefined): Promise<void> => {
    if (!(await waitUntil(step.startMs, act.nowMs, act.signal))) return;
    await act.switchTraffic({ [capability]: share === undefined ? 'off' : canaryTraffic(share) });
    if (act.nowMs() > step.endMs) record.notMoved = [...record.notMoved, step.step];
  };
  for (const share of shares) {
    const blocks = canaryBlocks(share, drill);
    for (const { settle, withCanary } of blocks) {
      if (settle !== undefined) await move(stepOf(drill, settle), withCanary ? share : undefined);
    }
    const analysis = stepOf(drill, analysisStep(share));
    await move(analysis, share);
    const seconds = await complete(analysis.startMs + ENDED_MS);
    if (seconds === undefined) return;
    const stop = analyseCanary(drill, share, seconds).decision?.outcome === 'fail';
    const atMs = act.nowMs();
    record.decisions = [...record.decisions, { share, stop, atMs }];
    const text = stop ? `stopped at ${share} %` : `goes on after ${share} %`;
    seen.marks.push({ atMs, step: analysis.step, event: stop ? 'stopped' : 'promoted', text, values: { share } });
    act.context.journal.record('canary-decided', { drill: drill.name, share, stop });
    if (!stop) continue;
    try {
      await act.switchTraffic({ [capability]: 'off' });
      record.backMs = act.nowMs();
      seen.marks.push({ atMs: record.backMs, step: analysis.step, event: 'rolled-back', text: 'rolled back' });
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      record.backError = error.message;
    }
    return;
  }
}

/** The drill's windows so far, once all up to a moment are complete; undefined when the run ends before. */
function collect(drill: Drill<'canary'>, act: ActContext): (untilMs: number) => Promise<readonly Second[] | undefined> {
  const seconds: Second[] = [];
  const startMs = drill.steps[0]?.startMs ?? 0;
  let look = (): void => {};
  act.onSecond((second) => {
    if ((second.t + 1) * 1_000 <= startMs) return;
    seconds.push(second);
    look();
  });
  return (untilMs) =>
    new Promise((resolve) => {
      look = () => {
        if (act.signal.aborted) resolve(undefined);
        else if (((seconds.at(-1)?.t ?? 0) + 1) * 1_000 >= untilMs) resolve([...seconds]);
      };
      act.signal.addEventListener('abort', look, { once: true });
      look();
    });
}
