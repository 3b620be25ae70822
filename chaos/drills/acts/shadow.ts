import { setTimeout as delay } from 'node:timers/promises';
import { readCounter } from '../../drivers/read-counter.ts';
import { waitUntil } from '../../wait-until.ts';
import { type Drill, stepOf } from '../drill.ts';
import type { ShadowRecord } from '../shadow.ts';
import type { ActContext, Seen } from './act.ts';

const EVERY_MS = 500;
/** The first reading is so long before there is any shadow traffic. */
const LEAD_MS = 1_000;

type Counters = { -readonly [K in 'effects' | 'shadowed']: ShadowRecord[K][number][] };

/** Reads both counters over and over, from a moment before the shadow to the drill's end. */
export async function actShadow(drill: Drill<'shadow'>, act: ActContext, seen: Seen): Promise<void> {
  const [off, after] = [stepOf(drill, 'off'), stepOf(drill, 'after')];
  if (!(await waitUntil(off.startMs + LEAD_MS, act.nowMs, act.signal))) return;
  const counters: Counters = { effects: [], shadowed: [] };
  let problem: string | undefined;
  while (act.nowMs() < after.endMs && !act.signal.aborted) {
    for (const name of ['effects', 'shadowed'] as const) {
      const atMs = act.nowMs();
      try {
        counters[name].push({ atMs, value: await readCounter(drill[name], act.resolve, act.signal) });
      } catch (error) {
        if (!act.signal.aborted) problem = (error as Error).message;
      }
    }
    await delay(EVERY_MS, undefined, { signal: act.signal }).catch(() => undefined);
  }
  seen.records.shadow = { ...counters, ...(problem === undefined ? {} : { problem }) };
}
