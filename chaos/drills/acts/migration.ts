import { setTimeout as delay } from 'node:timers/promises';
import { waitUntil } from '../../wait-until.ts';
import { asCompared, compareSides, hashOfRows, isClean, persistent } from '../compare-sides.ts';
import { type Drill, stepOf } from '../drill.ts';
import { KILL_AFTER_MS, READ_MS, type SidesCompared } from '../migration.ts';
import { type ActContext, type Seen } from './act.ts';
import { readRows } from './read-rows.ts';

type Migration = Drill<'migration'>;

/** Between two looks at a stream that has not settled. */
const PAUSE_MS = 250;
/** What is missing at the last look must have been missing so long before, too. */
const LAST_PAUSE_MS = 1_000;
const REPLAYS = 2;

/** Kills the consumers while changes stream, compares both sides, sends all again twice, and compares once more. */
export async function actMigration(drill: Migration, act: ActContext, seen: Seen): Promise<void> {
  const comparisons: SidesCompared[] = [];
  seen.records.migration = { comparisons };
  for (const service of drill.kill) await killOnce(drill, service, act, seen);
  if (!(await waitUntil(stepOf(drill, 'compare').startMs, act.nowMs, act.signal))) return;
  await settle(drill, act, seen, 'compare');
  const first = await compare(drill, act, 'compare', undefined);
  if (first === undefined) return;
  comparisons.push(first.compared);
  if (drill.replay.length === 0) return;
  if (!(await waitUntil(stepOf(drill, 'replay').startMs, act.nowMs, act.signal))) return;
  for (let round = 1; round <= REPLAYS; round += 1) {
    for (const hook of drill.replay) await act.callHook(`replay of ${drill.name}`, hook);
    seen.marks.push({ atMs: act.nowMs(), step: 'replay', event: 'replayed', text: 'all changes sent again' });
    await settle(drill, act, seen, 'replay');
  }
  const again = await compare(drill, act, 'replay', first.ids);
  if (again !== undefined) comparisons.push(again.compared);
}

async function killOnce(drill: Migration, service: string, act: ActContext, seen: Seen): Promise<void> {
  const step = `kill-${service}`;
  const control = act.controls.get(service);
  if (control === undefined) throw new Error(`${service} was not started by the harness`);
  if (!(await waitUntil(stepOf(drill, step).startMs + KILL_AFTER_MS, act.nowMs, act.signal))) return;
  try {
    await control.end('SIGKILL');
    seen.marks.push({ atMs: act.nowMs(), step, event: 'killed', text: `${service} killed` });
    await waitUntil(act.nowMs() + drill.down, act.nowMs, act.signal);
  } finally {
    await control.start();
  }
  seen.marks.push({ atMs: act.nowMs(), step, event: 'ready', text: `${service} ready` });
}

/** Until every stream reads that all has arrived, or `within` is over: what has not come then is missing. */
async function settle(drill: Migration, act: ActContext, seen: Seen, step: string): Promise<void> {
  const untilMs = Math.min(act.nowMs() + drill.within, stepOf(drill, step).endMs);
  for (const { read, equals } of drill.settled) {
    for (;;) {
      const value = await act.readHook(`settling of ${drill.name}`, read).catch((error: unknown) => error as Error);
      if (value === equals) break;
      if (act.signal.aborted) return;
      if (act.nowMs() >= untilMs) {
        const text = value instanceof Error ? value.message : `reads ${JSON.stringify(value)}`;
        seen.marks.push({ atMs: act.nowMs(), step, event: 'unsettled', text: `not settled: ${text}` });
        return;
      }
      await delay(PAUSE_MS, undefined, { signal: act.signal }).catch(() => undefined);
    }
  }
  seen.marks.push({ atMs: act.nowMs(), step, event: 'settled', text: 'all changes have arrived' });
}

/**
 * Rows are written and on their way meanwhile: a difference counts when it is still there a while later, at the end of the time that
 * the step has for it. `among`: the ids that the hash is over; default: all. Undefined: the run ended before.
 */
async function compare(
  drill: Migration,
  act: ActContext,
  step: string,
  among: ReadonlySet<string> | undefined,
): Promise<{ readonly compared: SidesCompared; readonly ids: ReadonlySet<string> } | undefined> {
  const { direction } = drill;

  const untilMs = stepOf(drill, step).endMs - READ_MS;
  let sides = await readBoth(drill, act);
  if (sides === undefined) return undefined;
  let difference = compareSides(sides.source, sides.target, direction);
  while (!isClean(difference) && !act.signal.aborted) {
    const last = act.nowMs() >= untilMs;
    await delay(last ? LAST_PAUSE_MS : PAUSE_MS, undefined, { signal: act.signal }).catch(() => undefined);
    const next = await readBoth(drill, act);
    if (next === undefined) return undefined;
    sides = next;
    difference = persistent(difference, compareSides(sides.source, sides.target, direction));
    if (last) break;
  }
  const ids = among ?? new Set(sides.target.map(({ id }) => id));
  return { compared: asCompared(step, sides, difference, hashOfRows(sides.target, ids)), ids };
}

/** Undefined: the run ended meanwhile. */
async function readBoth(drill: Migration, act: ActContext) {
  try {
    return { source: await readRows(drill.source, act), target: await readRows(drill.target, act) };
  } catch (error) {
    if (act.signal.aborted) return undefined;
    throw error;
  }
}
