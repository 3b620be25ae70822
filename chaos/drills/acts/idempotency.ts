import { setTimeout as delay } from 'node:timers/promises';
import type { DrillRequest } from '../../../lib/observe/observations.ts';
import type { Answer } from '../../drivers/request-options.ts';
import { canonicalJson } from '../canonical-json.ts';
import type { Drill, DrillStep } from '../drill.ts';
import { RESTART_WITHIN_MS } from '../idempotency.ts';
import { type ActContext, type Seen, send } from './act.ts';
import { waitUntil } from '../../wait-until.ts';

/** After a step's start: its fault is in force by then, its traffic moved. */
const LEAD_MS = 500;
/** After a restart has had its time. */
const RESTARTED_MS = 300;
const TRIES = 12;
const PAUSE_MS = 150;

type On = Drill<'idempotency'>['on'][number];
type Write = (role: DrillRequest['role'], copy?: number) => Promise<void>;

/** Writes and repeats them; each step has a key and an account of its own on each edge, the versions one together. */
export async function actIdempotency(drill: Drill<'idempotency'>, act: ActContext, seen: Seen): Promise<void> {
  for (const step of drill.steps) {
    if (!(await waitUntil(step.startMs + LEAD_MS, act.nowMs, act.signal))) return;
    await Promise.all(drill.on.map((on) => actOn(drill, step, on, act, seen)));
  }
}

async function actOn(drill: Drill<'idempotency'>, step: DrillStep, on: On, act: ActContext, seen: Seen): Promise<void> {
  const { edge, ignore } = on;
  const run = act.context.folder.slice(-6);
  const about = step.step.replace(/^version-\d+$/, 'versions');
  const key = [drill.name, about, edge, run].join('-');
  const values = { key, account: key };
  const write: Write = async (role, copy = 0) => {
    for (let attempt = 1; attempt <= TRIES; attempt += 1) {
      const describe = (answer: Answer) => (answer.ok ? { body: canonicalJson(answer.items[0], ignore) } : {});
      const sent = { edge, step: step.step, role, key, values, copy: copy * TRIES + attempt, describe } as const;
      const { ok, status } = await send(act, seen, on.write, sent);
      // Only what may be repeated is: a refusal is an answer.
      if (ok || !mayRepeat(status) || act.signal.aborted) return;
      await delay(PAUSE_MS, undefined, { signal: act.signal }).catch(() => undefined);
    }
  };
  const copies = Array.from({ length: drill.copies }, (_, copy) => copy);
  switch (about) {
    case 'duplicates':
    case 'cut':
      await Promise.all(copies.map((copy) => write(copy === 0 ? 'write' : 'repeat', copy)));
      break;
    case 'restart': {
      await write('write');
      if (!(await waitUntil(step.startMs + RESTART_WITHIN_MS + RESTARTED_MS, act.nowMs, act.signal))) return;
      await write('repeat', 1);
      break;
    }
    default:
      await write(step.step === 'version-1' ? 'write' : 'repeat', Number(step.step.replace('version-', '')));
  }
  await readEffects(on, step, key, values, act, seen);
}

/** Asked until it is answered: what was stored does not change by that. */
async function readEffects(
  on: On,
  { step }: DrillStep,
  key: string,
  values: Readonly<Record<string, string>>,
  act: ActContext,
  seen: Seen,
): Promise<void> {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const describe = (answer: Answer) => (answer.ok ? { effects: answer.items.length } : {});
    const sent = { edge: on.edge, step, role: 'effects', key, values, copy: attempt, describe } as const;
    if ((await send(act, seen, on.effects, sent)).ok || act.signal.aborted) return;
    await delay(PAUSE_MS, undefined, { signal: act.signal }).catch(() => undefined);
  }
}

function mayRepeat(status: string): boolean {
  return !/^HTTP 4(?!08|29)|^(INVALID_ARGUMENT|ALREADY_EXISTS|FAILED_PRECONDITION|UNAUTHENTICATED|PERMISSION_DENIED|NOT_FOUND|UNIMPLEMENTED|ABORTED)$/.test(
    status,
  );
}
