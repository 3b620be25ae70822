import { type Drill, stepOf } from '../drill.ts';
import { waitUntil } from '../../wait-until.ts';
import type { ActContext, Seen } from './act.ts';

const STATES = [
  { step: 'hang', state: 'hanging', text: 'the collector hangs' },
  { step: 'down', state: 'closed', text: 'the collector is down' },
  { step: 'back', state: 'open', text: 'the collector is back' },
] as const;

/** Hangs the harness's own collector of spans, takes it down, and brings it back; counts what comes meanwhile. */
export async function actCollector(drill: Drill<'collector'>, act: ActContext, seen: Seen): Promise<void> {
  const { collector, nowMs, signal } = act;
  if (collector === undefined) throw new Error('there is no collector');
  if (!(await waitUntil(stepOf(drill, 'with').startMs, nowMs, signal))) return;
  const first = collector.counts();
  let [spans, held] = [first.spans, first.held];
  try {
    for (const { step, state, text } of STATES) {
      if (!(await waitUntil(stepOf(drill, step).startMs, nowMs, signal))) return;
      const counts = collector.counts();
      if (step === 'hang') spans = counts.spans;
      if (step === 'down') held = counts.held;
      await collector.set(state);
      seen.marks.push({ atMs: nowMs(), step, event: state, text });
    }
    await waitUntil(stepOf(drill, 'back').endMs, nowMs, signal);
    seen.records.collector = {
      spans: increase(first.spans, spans),
      spansAfter: increase(spans, collector.counts().spans),
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
