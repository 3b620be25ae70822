import { basename } from 'node:path';
import type { RunContext } from '../../../lib/context.ts';
import type { DrillObservation, DrillRequest, Second } from '../../../lib/observe/observations.ts';
import type { Hook, ReadHook, Ready } from '../../../lib/plan/schema/system.ts';
import type { CollectorSwitch } from '../../../lib/observe/traces/watch-traces.ts';
import type { DrillRequestSpec } from '../../../lib/plan/schema/requests.ts';
import type { ServiceControl } from '../../service-control.ts';
import type { Traffic } from '../../../lib/plan/schema/load.ts';
import type { DrillRecords } from '../records.ts';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import type { Answer } from '../../drivers/request-options.ts';

/** One use of the kill switches: when they were asked and when all read back, on the run's clock, and the JSON that each read. */
export interface KillSwitchUse {
  readonly askedMs: number;
  readonly appliedMs: number;
  readonly states: readonly unknown[];
}

/** What a drill needs to act by itself while the load runs. */
export interface ActContext {
  readonly context: RunContext;
  /** Folder that relative paths of the plan start at. */
  readonly root: string;
  /** The plan's: what is drawn at random follows from it. */
  readonly seed: number;
  /** Replaces the placeholders that stand for something in the whole system. */
  readonly resolve: (text: string) => string;
  /** Milliseconds since the load's start, from a monotonic clock. */
  readonly nowMs: () => number;
  /** Asks a service's probe; never rejects. */
  readonly ask: (probe: Ready, signal: AbortSignal) => Promise<{ readonly ready: boolean; readonly text: string }>;
  /** The complete windows of the load so far; the newest is at least 1.5 s old. */
  readonly seconds: () => Promise<readonly Second[]>;
  /** Calls the listener with each window once it is complete, until the run's end. */
  readonly onSecond: (listener: (second: Second) => void) => void;
  /** Moves traffic, with read-back. EnvironmentError. */
  readonly switchTraffic: (traffic: Readonly<Record<string, Traffic>>) => Promise<void>;
  /** Engages or releases the kill switch of every traffic switch that has one, and waits until each reads back. EnvironmentError. */
  readonly killSwitch: (engaged: boolean) => Promise<KillSwitchUse>;
  /** Does what a hook says; returns the answer's body, or what the command printed. `what` is for messages. EnvironmentError. */
  readonly callHook: (what: string, hook: Hook) => Promise<string>;
  /** The value at its pointer in the JSON that it answers; undefined: there is none. EnvironmentError. */
  readonly readHook: (what: string, hook: ReadHook) => Promise<unknown>;
  /** What may be done to the services that the harness started, by name. */
  readonly controls: ReadonlyMap<string, ServiceControl>;
  /** The harness's collector of spans, where something exports to it. */
  readonly collector?: CollectorSwitch | undefined;
  /** The run's end. */
  readonly signal: AbortSignal;
}

/** What one drill did, as it goes along. */
export type Seen = { -readonly [K in 'requests' | 'probes' | 'marks']: NonNullable<DrillObservation[K]>[number][] } & {
  readonly records: { -readonly [K in keyof DrillRecords]?: DrillRecords[K] };
};

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
