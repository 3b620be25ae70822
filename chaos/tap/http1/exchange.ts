import type { TappedEdge, Waiting } from '../edge.ts';
import type { OpenAttempt } from '../recorder.ts';
import { pathOf, plainTimeoutMs, traceIdOf } from '../request-facts.ts';
import type { Decision } from '../rule-book.ts';
import { type AnswerReader, answerReader } from './answer-reader.ts';
import { type BodyReader, bodyReader } from './body-reader.ts';
import { requestFraming } from './framing.ts';
import { type Head, type RequestLine, parseRequestLine } from './head.ts';

/** One request on a connection, and how far it and its answer have got. */
export interface Exchange {
  readonly attempt: OpenAttempt;
  readonly decision: Decision;
  readonly request: RequestLine;
  /** Of the request; the head is taken from `headLeft`. */
  readonly body: BodyReader;
  /** Bytes of the request's head that were not taken yet. */
  headLeft: number;
  /** The caller sends the body only when it is told to. */
  readonly expectsContinue: boolean;
  /** After a request like this a server closes the connection. */
  readonly closes: boolean;
  /** What is not passed on yet, while the request is held up. */
  held: Buffer[] | undefined;
  stopWaiting: Waiting | undefined;
  readonly answer: AnswerReader;
  /** Whether the whole answer is there, the callee's or the tap's. */
  answerDone: boolean;
}

/** Begins an attempt and asks the rules; undefined when this is no request that a server takes. */
export function beginExchange(edge: TappedEdge, head: Head): Exchange | undefined {
  const request = parseRequestLine(head.startLine);
  const framing = requestFraming(head);
  if (request === undefined || framing.type === 'bad') return undefined;
  const { headers } = head;
  const { options, recorder, rules } = edge;
  const { timeoutHeader, idempotencyKey } = options;
  const operation = `${request.method} ${request.method === 'CONNECT' ? request.target : pathOf(request.target)}`;
  const traceId = traceIdOf(headers.get('traceparent'));
  const key =
    idempotencyKey !== undefined && 'header' in idempotencyKey
      ? headers.get(idempotencyKey.header.toLowerCase())
      : undefined;
  const timeoutMs = timeoutHeader === undefined ? undefined : plainTimeoutMs(headers.get(timeoutHeader.toLowerCase()));
  const attempt = recorder.begin(options.name, {
    operation,
    ...(traceId === undefined ? {} : { traceId }),
    ...(key === undefined ? {} : { key }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  const decision = rules.decide(operation);
  if (decision.type !== 'pass') attempt.rule = decision.rule;
  const connection = headers.get('connection') ?? '';
  return {
    attempt,
    decision,
    request,
    body: bodyReader(framing),
    headLeft: head.length,
    expectsContinue: /(?:^|,)\s*100-continue\s*(?:,|$)/i.test(headers.get('expect') ?? ''),
    closes:
      /(?:^|,)\s*close\s*(?:,|$)/i.test(connection) ||
      (request.version === '1.0' && !/(?:^|,)\s*keep-alive\s*(?:,|$)/i.test(connection)),
    held: decision.type === 'delay' ? [] : undefined,
    stopWaiting: undefined,
    answer: answerReader(request.method),
    answerDone: false,
  };
}

/** Whether the whole request was taken. */
export function requestDone({ headLeft, body }: Exchange): boolean {
  return headLeft === 0 && body.done();
}

/** how many of the bytes belong to the request. */
export function takeRequest(exchange: Exchange, bytes: Buffer): number {
  const head = Math.min(exchange.headLeft, bytes.length);
  exchange.headLeft -= head;
  return head + (exchange.headLeft === 0 ? exchange.body.take(bytes, head) : 0);
}

/** Whether the callee has (part of) the request, so that what it says is the answer to it. */
export function isPassedOn({ decision, held }: Exchange): boolean {
  return decision.type !== 'fail' && decision.type !== 'hang' && held === undefined;
}
