import { setTimeout as delay } from 'node:timers/promises';
import { basename } from 'node:path';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import { RequestSession } from '../../drivers/request-session.ts';
import { derivedSeed, seededFraction } from '../../seeded.ts';
import { waitUntil } from '../../wait-until.ts';
import { type Drill, stepOf } from '../drill.ts';
import { fillIn } from '../fill-in.ts';
import { generateValues } from '../generate-values.ts';
import { PARITY_LEAD_MS, SENDINGS, samplesOf } from '../parity.ts';
import { ParityTally, type TallyAnswer } from '../parity-tally.ts';
import type { ActContext, Seen } from './act.ts';

type Request = Drill<'parity'>['requests'][number];
type Side = 'baseline' | 'candidate';

/** More trials than this are not under way at once: whoever is slower than the pace is not piled up on. */
const MOST_AT_ONCE = 64;
const ANSWER_MS = 3_000;
/** The last trial starts so long before the step's end. */
const LAST_MS = 200;

/** Sends each request to the baseline twice and to the candidate once, all of them in random order, and compares the answers. */
export async function actParity(drill: Drill<'parity'>, act: ActContext, seen: Seen): Promise<void> {
  const { startMs, endMs } = stepOf(drill, 'compare');
  const fromMs = startMs + PARITY_LEAD_MS;
  if (!(await waitUntil(fromMs, act.nowMs, act.signal))) return;
  const seed = derivedSeed(act.seed, `drill ${drill.name}`);
  using session = new RequestSession();
  const tallies = new Map(drill.requests.map((request) => [request, new ParityTally(request)]));
  const everyMs = (SENDINGS / drill.pace) * 1_000;
  const underWay = new Set<Promise<void>>();
  for (const [index, { request, copy }] of shuffled(drill, seed).entries()) {
    const dueMs = fromMs + index * everyMs;
    if (act.nowMs() >= endMs - LAST_MS || !(await waitUntil(dueMs, act.nowMs, act.signal))) break;
    while (underWay.size >= MOST_AT_ONCE) await Promise.race(underWay);
    const trial = tryOne(drill, { request, copy, seed }, act, session)
      .then((result) => (result === undefined ? undefined : tallies.get(request)?.add(result)))
      .finally(() => underWay.delete(trial));
    underWay.add(trial);
  }
  await Promise.race([Promise.all(underWay), delay(ANSWER_MS, undefined, { ref: false })]);
  seen.records.parity = { requests: [...tallies.values()].map((tally) => tally.result()) };
}

/** Every request as often as it is to be sent, in an order that follows from the seed. */
function shuffled(
  { requests }: Drill<'parity'>,
  seed: number,
): readonly { readonly request: Request; readonly copy: number }[] {
  const all = requests.flatMap((request) =>
    Array.from({ length: samplesOf(request) }, (_, copy) => ({
      request,
      copy,
      at: seededFraction(seed, `order ${request.name} ${copy}`),
    })),
  );
  return all.toSorted((a, b) => a.at - b.at);
}

/** The three sendings one after the other, in an order of their own; undefined when the run ended meanwhile. */
async function tryOne(
  drill: Drill<'parity'>,
  { request, copy, seed }: { readonly request: Request; readonly copy: number; readonly seed: number },
  act: ActContext,
  session: RequestSession,
): Promise<Parameters<ParityTally['add']>[0] | undefined> {
  const text = `${request.name} ${copy}`;
  const values = generateValues(request.values, derivedSeed(seed, 'values'), text);
  const first = Math.floor(seededFraction(seed, `first ${text}`) * SENDINGS);
  const sides = Array.from({ length: SENDINGS }, (_, index): Side => (index === first ? 'candidate' : 'baseline'));
  const answers: { readonly side: Side; readonly answer: TallyAnswer }[] = [];
  for (const [index, side] of sides.entries()) {
    const run = basename(act.context.folder).slice(-6);
    const key = `${drill.name}-${request.name}-${copy}-${index}-${run}`;
    const spec = fillIn(request.request, { ...values, ...drill[side], key, account: key });
    const answer = await sendRequest(spec, {
      resolve: act.resolve,
      root: act.root,
      signal: AbortSignal.any([act.signal, AbortSignal.timeout(ANSWER_MS)]),
      traceId: traceIdOf([basename(act.context.folder), key].join('\n')),
      headers: request.headers,
      session,
    });
    answers.push({ side, answer });
  }
  if (act.signal.aborted) return undefined;
  const [one, other] = answers.filter(({ side }) => side === 'baseline');
  const candidate = answers.find(({ side }) => side === 'candidate');
  if (one === undefined || other === undefined || candidate === undefined) return undefined;
  return { values, baseline: [one.answer, other.answer], candidate: candidate.answer };
}
