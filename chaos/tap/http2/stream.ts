import { type TappedEdge, type Waiting, endAttempt } from '../edge.ts';
import type { HeaderField } from '../hpack/decoder.ts';
import type { OpenAttempt } from '../recorder.ts';
import { grpcTimeoutMs, pathOf, plainTimeoutMs, traceIdOf } from '../request-facts.ts';
import type { Decision } from '../rule-book.ts';
import { type FirstMessage, firstMessage } from './first-message.ts';
import type { Frame } from './frames.ts';

/** One request of a session. */
export interface TapStream {
  readonly callerId: number;
  /** The callee's name for it; 0: it was not passed on (yet). */
  calleeId: number;
  readonly attempt: OpenAttempt;
  readonly decision: Decision;
  /** What is not passed on yet, while the request is held up. */
  held: Held[] | undefined;
  stopWaiting: Waiting | undefined;
  /** Which sides have said all they will. */
  callerDone: boolean;
  calleeDone: boolean;
  /** Of the callee's answer. */
  httpStatus: number | undefined;
  /** The first message, while it is read for the idempotency key. */
  message: FirstMessage | undefined;
}

export type Held = Frame | { readonly endStream: boolean; readonly wires: readonly Uint8Array[] };

/** Begins an attempt and asks the rules. */
export function beginStream(edge: TappedEdge, callerId: number, fields: readonly HeaderField[]): TapStream {
  const { options, recorder, rules } = edge;
  const { name, timeoutHeader, idempotencyKey } = options;
  const operation = pathOf(valueOf(fields, ':path') ?? '');
  const traceId = traceIdOf(valueOf(fields, 'traceparent'));
  const timeoutMs =
    grpcTimeoutMs(valueOf(fields, 'grpc-timeout')) ??
    (timeoutHeader === undefined ? undefined : plainTimeoutMs(valueOf(fields, timeoutHeader.toLowerCase())));
  const key =
    idempotencyKey !== undefined && 'header' in idempotencyKey
      ? valueOf(fields, idempotencyKey.header.toLowerCase())
      : undefined;
  const attempt = recorder.begin(name, {
    operation,
    ...(traceId === undefined ? {} : { traceId }),
    ...(key === undefined ? {} : { key }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const decision = rules.decide(operation);
  if (decision.type !== 'pass') attempt.rule = decision.rule;
  const readsMessage =
    idempotencyKey !== undefined && 'field' in idempotencyKey && idempotencyKey.operations.includes(operation);
  return {
    callerId,
    calleeId: 0,
    attempt,
    decision,
    held: decision.type === 'delay' ? [] : undefined,
    stopWaiting: undefined,
    callerDone: false,
    calleeDone: false,
    httpStatus: undefined,
    message: readsMessage ? firstMessage() : undefined,
  };
}

/** Reads on in the request's data, for its key. */
export function readKey(edge: TappedEdge, stream: TapStream, data: Buffer | undefined): void {
  const { idempotencyKey } = edge.options;
  if (stream.message === undefined || data === undefined) return;
  if (idempotencyKey === undefined || !('field' in idempotencyKey) || !stream.message.add(data)) return;
  const key = stream.message.field(idempotencyKey.field);
  if (key !== undefined) stream.attempt.arrival.key = key;
  stream.message = undefined;
}

export function endStream(edge: TappedEdge, stream: TapStream, outcome: Parameters<typeof endAttempt>[2]): void {
  endAttempt(edge.recorder, stream, outcome);
}

/** Values of several fields of one name are one list. */
export function valueOf(fields: readonly HeaderField[], name: string): string | undefined {
  let value: string | undefined;
  for (const field of fields) {
    if (field.name === name) value = value === undefined ? field.value : `${value}, ${field.value}`;
  }
  return value;
}
