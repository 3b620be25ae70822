import { type TappedEdge, endAttempt } from '../edge.ts';
import { type Conversation, HOLD, type Link } from '../link.ts';
import { type Exchange, beginExchange, isPassedOn, requestDone, takeRequest } from './exchange.ts';
import { failureAnswer } from './failure.ts';
import { MAX_HEAD_BYTES, parseHead } from './head.ts';

/** How much of a caller's next requests, or of one that is held up, is read ahead. */
const MAX_AHEAD_BYTES = 64 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/**
 * HTTP/1.0 and 1.1 on one connection. Bytes are passed on as they are; the tap only follows them. What it cannot follow
 * (no HTTP, a head over 1 MiB, another protocol after an upgrade) it passes on in both directions, unseen, from there on.
 * Requests that a caller sends ahead (pipelining) are passed on one after the other.
 */
export function http1Conversation(edge: TappedEdge, link: Link): Conversation {
  let mode: 'following' | 'blind' | 'closing' = 'following';
  /** Of the caller: not taken yet. */
  let ahead = EMPTY;
  /** Of the callee: an answer's head that is not whole yet. */
  let early = EMPTY;
  let exchange: Exchange | undefined;

  const end = (entry: Exchange, outcome: Parameters<typeof endAttempt>[2]): void =>
    endAttempt(edge.recorder, entry, outcome);

  const goBlind = (): void => {
    mode = 'blind';
    if (exchange !== undefined) letGo(exchange);
    const rest = ahead;
    ahead = EMPTY;
    if (rest.length > 0) link.toCallee(rest);
  };

  /** Passes on what was held up. */
  const letGo = (entry: Exchange): void => {
    const { held } = entry;
    entry.held = undefined;
    entry.stopWaiting?.();
    entry.stopWaiting = undefined;
    for (const bytes of held ?? []) link.toCallee(bytes);
    link.holdCaller(HOLD.tooMuchAhead, false);
  };

  const begin = (): Exchange | undefined => {
    const head = parseHead(ahead);
    if (head === 'incomplete' && ahead.length <= MAX_HEAD_BYTES) return undefined;
    const begun = typeof head === 'string' || head.length > MAX_HEAD_BYTES ? undefined : beginExchange(edge, head);
    if (begun === undefined) goBlind();
    else waitAsTold(begun);
    return begun;
  };

  const waitAsTold = (entry: Exchange): void => {
    const { decision } = entry;
    if (decision.type === 'hang') {
      entry.stopWaiting = decision.hold(() => {
        end(entry, 'cut');
        link.cut();
      });
    } else if (decision.type === 'delay') {
      const timer = setTimeout(letGo, decision.delayMs, entry);
      entry.stopWaiting = () => clearTimeout(timer);
    }
  };

  const isFollowing = (): boolean => mode === 'following';

  const takeAhead = (): void => {
    while (isFollowing()) {
      exchange ??= ahead.length > 0 ? begin() : undefined;
      if (exchange === undefined) return;
      if (!requestDone(exchange)) takePart(exchange);
      if (!requestDone(exchange) || !exchange.answerDone) break;
      exchange = undefined;
    }
    const held = exchange?.held?.reduce((sum, { length }) => sum + length, 0) ?? 0;
    if (isFollowing()) link.holdCaller(HOLD.tooMuchAhead, ahead.length + held > MAX_AHEAD_BYTES);
  };

  /** Takes as much as there is of the request in hand. */
  const takePart = (entry: Exchange): void => {
    const count = takeRequest(entry, ahead);
    const bytes = ahead.subarray(0, count);
    ahead = ahead.subarray(count);
    const { decision, held, body } = entry;
    if (held !== undefined) held.push(bytes);
    else if (isPassedOn(entry)) link.toCallee(bytes);
    if (decision.type === 'fail') {
      // The answer waits for the request's end, which suits every caller, unless the caller waits for the tap.
      const due = requestDone(entry) || entry.expectsContinue || body.bad();
      if (due && !entry.answerDone) fail(entry, decision.status);
    } else if (body.bad() && decision.type !== 'hang') goBlind();
  };

  const fail = (entry: Exchange, status: number): void => {
    const closes = entry.closes || !requestDone(entry);
    link.toCaller(failureAnswer(status, closes));
    entry.attempt.status = status;
    entry.answerDone = true;
    link.whenSentToCaller(() => end(entry, 'failed'));
    if (!closes) return;
    mode = 'closing';
    link.finish();
  };

  const answered = (entry: Exchange): void => {
    entry.answerDone = true;
    if (entry.decision.type === 'cut') {
      end(entry, 'cut');
      link.cut();
    } else link.whenSentToCaller(() => end(entry, 'answered'));
  };

  /** Passes on the next piece of the answer; what is left, undefined when it is no whole piece yet. */
  const takeAnswer = (entry: Exchange, bytes: Buffer): Buffer | undefined => {
    const cuts = entry.decision.type === 'cut';
    const step = entry.answer.take(bytes);
    if (!cuts) entry.attempt.status = entry.answer.status();
    switch (step.type) {
      case 'incomplete':
        return undefined;
      case 'interim':
        link.toCaller(bytes.subarray(0, step.count));
        return bytes.subarray(step.count);
      case 'final':
        if (!cuts) link.toCaller(bytes.subarray(0, step.count));
        if (step.done) answered(entry);
        return bytes.subarray(step.count);
      case 'tunnel':
        if (!cuts) link.toCaller(bytes);
        answered(entry);
        goBlind();
        return EMPTY;
      case 'bad':
        end(entry, 'broken');
        goBlind();
        return bytes;
      default:
        return step satisfies never;
    }
  };

  return {
    fromCaller(bytes) {
      if (mode === 'blind') link.toCallee(bytes);
      if (mode !== 'following') return;
      ahead = ahead.length === 0 ? bytes : Buffer.concat([ahead, bytes]);
      takeAhead();
    },
    fromCallee(chunk) {
      let bytes = early.length === 0 ? chunk : Buffer.concat([early, chunk]);
      early = EMPTY;
      while (bytes.length > 0) {
        const entry = exchange;
        // Said without being asked: the caller may make of it what it likes.
        if (mode !== 'following' || entry === undefined || entry.answerDone || !isPassedOn(entry)) {
          return link.toCaller(bytes);
        }
        const rest = takeAnswer(entry, bytes);
        if (rest === undefined) {
          early = bytes;
          return;
        }
        bytes = rest;
        if (entry.answerDone) takeAhead();
      }
    },
    callerGone() {
      if (exchange !== undefined && !exchange.answerDone) end(exchange, 'canceled');
    },
    calleeGone() {
      if (early.length > 0) link.toCaller(early);
      early = EMPTY;
      if (exchange === undefined || exchange.answerDone) return;
      // An answer without a length is whole when its callee ends.
      if (exchange.answer.untilClose()) answered(exchange);
      else end(exchange, 'broken');
    },
    busy: () => exchange !== undefined && !exchange.answerDone && isPassedOn(exchange),
  };
}
