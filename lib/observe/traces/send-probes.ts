import { sendRequest } from '../../../chaos/drivers/drill-request.ts';
import { RequestSession } from '../../../chaos/drivers/request-session.ts';
import { traceparent } from '../../../chaos/drivers/request-options.ts';
import { waitUntil } from '../../../chaos/wait-until.ts';
import { derivedHex } from './derived-hex.ts';
import type { Phase } from '../../plan/plan.ts';
import type { DrillRequestSpec } from '../../plan/schema/requests.ts';
import type { TracesPlan } from '../../plan/schema/traces.ts';
import { MALFORMED, NONE, VALID, spanOf } from './context-forms.ts';
import type { SampledRequest } from './sampled.ts';

/** How often each form is sent with each request. */
const COPIES = { valid: 3, none: 6, malformed: 3 };
/** Requests go out one after the other, no closer together than this; and not in the phase's first and last moments. */
const PACE_MS = 25;
const MARGIN_MS = 500;
const ANSWER_MS = 5_000;

export interface SendProbes {
  readonly traces: TracesPlan;
  /** The steady phase. */
  readonly phase: Pick<Phase, 'startMs' | 'endMs'>;
  /** What makes trace ids of this run differ from those of any other. */
  readonly runId: string;
  readonly root: string;
  readonly resolve: (text: string) => string;
  /** Milliseconds since the load's start. */
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
}

/** A request that was sent with a certain traceparent, and what came back. */
export interface SentContext {
  readonly request: number;
  readonly form: string;
  readonly traceId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: string;
  readonly ok: boolean;
}

export interface SentProbes {
  readonly contexts: readonly SentContext[];
  /** Requests that failed on purpose, as the load's own ones are told of. */
  readonly failing: readonly SampledRequest[];
}

/**
 * Sends the plan's own requests, spread over the steady phase: malformed contexts (with valid ones and none for comparison)
 * and failures. Never rejects; what does not fit into the phase is not sent.
 */
export async function sendProbes(options: SendProbes): Promise<SentProbes> {
  const { traces, phase, nowMs, signal } = options;
  const contexts: SentContext[] = [];
  const failing: SampledRequest[] = [];
  const due = interleaved([
    ...traces.malformed.map((spec, request) => contextsOf(spec, request, options, contexts)),
    ...(traces.logs?.failing ?? []).map((spec, request) => failuresOf(spec, request, options, failing)),
  ]);
  const [startMs, endMs] = [phase.startMs + MARGIN_MS, phase.endMs - MARGIN_MS];
  const apartMs = Math.max(PACE_MS, (endMs - startMs) / Math.max(1, due.length));
  using session = new RequestSession();
  for (const [index, send] of due.entries()) {
    if (!(await waitUntil(startMs + index * apartMs, nowMs, signal)) || nowMs() > endMs) break;
    await send(session);
  }
  return { contexts, failing };
}

type Send = (session: RequestSession) => Promise<void>;

function contextsOf(spec: DrillRequestSpec, request: number, options: SendProbes, sent: SentContext[]): Send[] {
  const forms = [
    { form: VALID, of: traceparent, copies: COPIES.valid },
    { form: NONE, of: () => null, copies: COPIES.none },
    ...MALFORMED.map(({ form, of }) => ({ form, of, copies: COPIES.malformed })),
  ];
  return forms.flatMap(({ form, of, copies }) =>
    Array.from({ length: copies }, (_, copy) => async (session: RequestSession) => {
      const traceId = `a${derivedHex(31, options.runId, 'context', request, form, copy)}`;
      sent.push({ request, form, traceId, ...(await ask(spec, traceId, of(traceId), session, options)) });
    }),
  );
}

function failuresOf(spec: DrillRequestSpec, request: number, options: SendProbes, sent: SampledRequest[]): Send[] {
  return Array.from({ length: options.traces.logs?.copies ?? 0 }, (_, copy) => async (session: RequestSession) => {
    const traceId = derivedHex(32, options.runId, 'failing', request, copy);
    const { startMs, endMs, status, ok } = await ask(spec, traceId, traceparent(traceId), session, options);
    const protocol = 'http' in spec ? ('http' as const) : ('grpc' as const);
    const answered = protocol === 'http' ? status.startsWith('HTTP ') : !CLIENTS_OWN.includes(status);
    sent.push({
      traceId,
      clientSpanId: spanOf(traceId),
      source: 'harness',
      operation: describe(spec),
      protocol,
      outcome: ok ? 'ok' : 'failed',
      status,
      answered,
      startMs,
      endMs,
    });
  });
}

const CLIENTS_OWN: readonly string[] = ['canceled', 'DEADLINE_EXCEEDED', 'UNAVAILABLE'];

function describe(spec: DrillRequestSpec): string {
  return 'http' in spec
    ? `${spec.http.method} ${new URL(spec.http.url.replaceAll(/\{\{.*?\}\}/g, 'x')).pathname}`
    : spec.grpc.method;
}

async function ask(
  spec: DrillRequestSpec,
  traceId: string,
  context: string | null,
  session: RequestSession,
  { root, resolve, nowMs, signal }: SendProbes,
): Promise<Pick<SentContext, 'startMs' | 'endMs' | 'status' | 'ok'>> {
  const startMs = nowMs();
  const { status, ok } = await sendRequest(spec, {
    // Each has a key of its own, where one is asked for.
    resolve: (text) => resolve(text.replaceAll('{{key}}', traceId)),
    root,
    signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    traceId,
    traceparent: context,
    session,
  }).catch((error: unknown) => ({ status: error instanceof Error ? error.message : String(error), ok: false }));
  return { startMs, endMs: nowMs(), status, ok };
}

/** One of each in turn, so that all are spread over the same time. */
function interleaved<Item>(lists: readonly (readonly Item[])[]): readonly Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list[index] ?? [])).flat();
}
