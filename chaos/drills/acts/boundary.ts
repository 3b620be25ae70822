import type { DrillRequestSpec } from '../../../lib/plan/schema/requests.ts';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import { RequestSession } from '../../drivers/request-session.ts';
import { seededFraction } from '../../seeded.ts';
import { waitUntil } from '../../wait-until.ts';
import { BOUNDARY_LEAD_MS, type BoundaryCalls, NO_TOKEN, VALID } from '../boundary.ts';
import type { Drill, DrillStep } from '../drill.ts';
import { fillIn } from '../fill-in.ts';
import type { ActContext, Seen } from './act.ts';

type Endpoint = Drill<'boundary'>['endpoints'][number];

interface Call {
  readonly endpoint: Endpoint;
  readonly name: string;
  /** Undefined: without one. */
  readonly token: string | undefined;
  readonly copy: number;
}

const ANSWER_MS = 2_000;
const AT_ONCE = 8;
const TOKEN = /\{\{\s*token\s*\}\}/;

/** Calls every endpoint with every token, in a random order, in each step. */
export async function actBoundary(drill: Drill<'boundary'>, act: ActContext, seen: Seen): Promise<void> {
  const calls: BoundaryCalls[] = [];
  seen.records.boundary = { calls };
  for (const step of drill.steps) {
    if (!(await waitUntil(step.startMs + BOUNDARY_LEAD_MS, act.nowMs, act.signal))) return;
    using session = new RequestSession();
    calls.push(...(await callAll(drill, step, act, session)));
  }
}

async function callAll(
  drill: Drill<'boundary'>,
  { step, endMs }: DrillStep,
  act: ActContext,
  session: RequestSession,
): Promise<readonly BoundaryCalls[]> {
  const todo = [...callsOf(drill, act.seed, step)];
  const seen = new Map<
    string,
    { readonly endpoint: string; readonly token: string; readonly statuses: Record<string, number> }
  >();
  const work = async (): Promise<void> => {
    for (let call = todo.shift(); call !== undefined && act.nowMs() < endMs; call = todo.shift()) {
      const status = await send(drill, step, call, act, session);
      // What the run's end, or the step's, cut off says nothing.
      if (act.signal.aborted || act.nowMs() >= endMs) return;
      const { endpoint, name } = call;
      const key = `${endpoint.name} ${name}`;
      const entry = seen.get(key) ?? { endpoint: endpoint.name, token: name, statuses: {} };
      entry.statuses[status] = (entry.statuses[status] ?? 0) + 1;
      seen.set(key, entry);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return [...seen.values()].map((entry) => ({ ...entry, step }));
}

function callsOf(
  { name: drill, endpoints, tokens, copies }: Drill<'boundary'>,
  seed: number,
  step: string,
): readonly Call[] {
  const all = endpoints.flatMap((endpoint) => {
    const { valid, refused } = tokens[endpoint.caller] ?? { valid: undefined, refused: {} };
    const named = [[VALID, valid], [NO_TOKEN, undefined], ...Object.entries(refused)] as const;
    return named.flatMap(([name, token]) =>
      Array.from({ length: copies }, (_, copy) => ({
        endpoint,
        name,
        token,
        copy,
        at: seededFraction(seed, [drill, step, endpoint.name, name, copy].join(' ')),
      })),
    );
  });
  return all.toSorted((a, b) => a.at - b.at);
}

async function send(
  drill: Drill<'boundary'>,
  step: string,
  { endpoint, name, token, copy }: Call,
  act: ActContext,
  session: RequestSession,
): Promise<string> {
  const key = [drill.name, endpoint.name, name, step, copy, act.context.folder.slice(-6)].join('-');
  const spec = token === undefined ? withoutToken(endpoint.request) : endpoint.request;
  const filled = fillIn(spec, { key, account: key, ...(token === undefined ? {} : { token }) });
  const { status } = await sendRequest(filled, {
    resolve: act.resolve,
    root: act.root,
    signal: AbortSignal.any([act.signal, AbortSignal.timeout(ANSWER_MS)]),
    traceId: traceIdOf([act.context.folder, key].join('\n')),
    session,
  });
  return status;
}

/** Headers that would hold the token are not sent at all. */
function withoutToken(spec: DrillRequestSpec): DrillRequestSpec {
  const kept = (texts: Readonly<Record<string, string>>): Record<string, string> =>
    Object.fromEntries(Object.entries(texts).filter(([, text]) => !TOKEN.test(text)));
  return 'http' in spec
    ? { http: { ...spec.http, headers: kept(spec.http.headers) } }
    : { grpc: { ...spec.grpc, metadata: kept(spec.grpc.metadata) } };
}
