import { setTimeout as delay } from 'node:timers/promises';
import type { ProbeChange } from '../../../lib/observe/observations.ts';
import type { Drill } from '../drill.ts';
import { type ActContext, type Seen } from './act.ts';
import { waitUntil } from '../../wait-until.ts';

const POLL_MS = 50;
const ANSWER_MS = 1_000;

/** Asks both probes of each service over and over, from the drill's start to its end; changes are what is kept. */
export async function actReadiness(drill: Drill<'readiness'>, act: ActContext, seen: Seen): Promise<void> {
  const [startMs, endMs] = [drill.steps[0]?.startMs ?? 0, drill.steps.at(-1)?.endMs ?? 0];
  if (!(await waitUntil(startMs, act.nowMs, act.signal))) return;
  await Promise.all(
    drill.on.flatMap(({ edge, ready, live }) =>
      (
        [
          ['ready', ready],
          ['live', live],
        ] as const
      ).map(([probe, how]) => watch((signal) => act.ask(how, signal), { edge, probe }, endMs, act, seen)),
    ),
  );
}

async function watch(
  ask: (signal: AbortSignal) => Promise<{ readonly ready: boolean; readonly text: string }>,
  what: Pick<ProbeChange, 'edge' | 'probe'>,
  endMs: number,
  act: ActContext,
  seen: Seen,
): Promise<void> {
  let last: boolean | undefined;
  while (act.nowMs() < endMs && !act.signal.aborted) {
    const atMs = act.nowMs();
    const { ready, text } = await ask(AbortSignal.any([act.signal, AbortSignal.timeout(ANSWER_MS)]));
    // An answer that the run's end cut off says nothing.
    if (act.signal.aborted) return;
    if (ready !== last) seen.probes.push({ ...what, atMs, up: ready, detail: text });
    last = ready;
    await delay(POLL_MS, undefined, { signal: act.signal }).catch(() => undefined);
  }
}
