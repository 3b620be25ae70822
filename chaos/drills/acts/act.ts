import { basename } from 'node:path';
import type { RunContext } from '../../../lib/context.ts';
import type { DrillObservation, DrillRequest } from '../../../lib/observe/observations.ts';
import type { Ready } from '../../../lib/plan/schema/system.ts';
import type { DrillRequestSpec } from '../../../lib/plan/schema/requests.ts';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import type { Answer } from '../../drivers/request-options.ts';

/** What a drill needs to act by itself while the load runs. */
export interface ActContext {
  readonly context: RunContext;
  /** Folder that relative paths of the plan start at. */
  readonly root: string;
  /** Replaces the placeholders that stand for something in the whole system. */
  readonly resolve: (text: string) => string;
  /** Milliseconds since the load's start, from a monotonic clock. */
  readonly nowMs: () => number;
  /** Asks a service's probe; never rejects. */
  readonly ask: (probe: Ready, signal: AbortSignal) => Promise<{ readonly ready: boolean; readonly text: string }>;
  /** The run's end. */
  readonly signal: AbortSignal;
}

/** What one drill did, as it goes along. */
export type Seen = { -readonly [K in 'requests' | 'probes']: DrillObservation[K][number][] };

export interface Sent {
  readonly edge: string;
  readonly step: string;
  readonly role: DrillRequest['role'];
  readonly key?: string;
  /** Placeholders of this request: `{{key}}`, `{{account}}`. */
  readonly values?: Readonly<Record<string, string>>;
  /** Tells requests of the same step apart, for their traces. */
  readonly copy?: number;
  readonly cancelAfterMs?: number;
  readonly describe?: (answer: Answer) => Partial<Pick<DrillRequest, 'body' | 'effects'>>;
}

/** No answer is waited for longer than this. */
const ANSWER_MS = 10_000;

/** Sends one request and records what came of it. */
export async function send(act: ActContext, seen: Seen, spec: DrillRequestSpec, sent: Sent): Promise<DrillRequest> {
  const { edge, step, role, key, values = {}, copy = 0, cancelAfterMs, describe } = sent;
  const { nowMs, signal, root } = act;
  const traceId = traceIdOf(
    [basename(act.context.folder), edge, step, role, key, copy, seen.requests.length].join('\n'),
  );
  const resolve = (text: string): string =>
    act.resolve(text.replaceAll(/\{\{(key|account)\}\}/g, (whole, name: string) => values[name] ?? whole));
  const startMs = nowMs();
  const stop = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]);
  const answer = await sendRequest(spec, {
    resolve,
    root,
    signal: stop,
    traceId,
    ...(cancelAfterMs === undefined ? {} : { cancelAfterMs }),
  });
  const request: DrillRequest = {
    edge,
    step,
    role,
    ...(key === undefined ? {} : { key }),
    traceId,
    startMs,
    endMs: nowMs(),
    status: answer.status,
    ok: answer.ok,
    ...describe?.(answer),
  };
  seen.requests.push(request);
  return request;
}
