import { waitUntil } from '../../wait-until.ts';
import { type CollectorState, roundsOf, stepIn } from '../collector.ts';
import { type Drill, stepOf } from '../drill.ts';
import type { ActContext, Seen } from './act.ts';

const SETTINGS = {
  with: { state: 'open', text: 'the collector takes spans' },
  hang: { state: 'hanging', text: 'the collector hangs' },
  down: { state: 'closed', text: 'the collector is down' },
} as const;

/** Hangs the harness's own collector of spans, takes it down, and brings it back; counts what comes meanwhile. */
export async function actCollector(drill: Drill<'collector'>, act: ActContext, seen: Seen): Promise<void> {
  const { collector, nowMs, signal } = act;
  if (collector === undefined) throw new Error('there is no collector');
  const enter = async (step: string, { state, text }: (typeof SETTINGS)[CollectorState]): Promise<boolean> => {
    if (!(await waitUntil(stepOf(drill, step).startMs, nowMs, signal))) return false;
    await collector.set(state);
    seen.marks.push({ atMs: nowMs(), step, event: state, text });
    return true;
  };
  if (!(await waitUntil(stepOf(drill, stepIn('with', 1)).startMs, nowMs, signal))) return;
  const first = collector.counts();
  let { spans } = first;
  try {
    for (const round of roundsOf(drill)) {
      // It takes them already in the first round: nothing need be cut.
      if (round > 1 && !(await enter(stepIn('with', round), SETTINGS.with))) return;
      if (!(await waitUntil(stepOf(drill, stepIn('hang', round)).startMs, nowMs, signal))) return;
      if (round === 1) ({ spans } = collector.counts());
      if (!(await enter(stepIn('hang', round), SETTINGS.hang))) return;
      if (!(await enter(stepIn('down', round), SETTINGS.down))) return;
    }
    const { held, spans: before } = collector.counts();
    if (!(await enter('back', SETTINGS.with))) return;
    await waitUntil(stepOf(drill, 'back').endMs, nowMs, signal);
    seen.records.collector = {
      spans: increase(first.spans, spans),
      spansAfter: increase(before, collector.counts().spans),
      held: held - first.held,
    };
  } finally {
    // However it ends: what comes after it has a collector.
    await collector.set('open');
  }
}

function increase(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(after).map(([service, count]) => [service, count - (before[service] ?? 0)]));
}
