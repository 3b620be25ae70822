import type { TappedEdge } from '../edge.ts';
import type { Conversation, Link } from '../link.ts';
import { PREFACE, frameReader } from './frames.ts';
import { fromCallee } from './from-callee.ts';
import { fromCaller } from './from-caller.ts';
import { ConnectionError } from './header-blocks.ts';
import { type Session, endAll, giveUp, newSession } from './session.ts';
import type { TapStream } from './stream.ts';

/**
 * HTTP/2 without TLS, spoken from the first byte on (prior knowledge), frame by frame. A connection that begins in another
 * way is passed on in both directions, unseen.
 */
export function http2Conversation(edge: TappedEdge, link: Link): Conversation {
  const session = newSession(edge, link);
  let mode: 'beginning' | 'following' | 'blind' | 'over' = 'beginning';
  let beginning: Buffer = Buffer.alloc(0);
  const readCaller = frameReader((frame) => fromCaller(session, frame));
  const readCallee = frameReader((frame) => fromCallee(session, frame));

  /** What a chunk leads to is sent together. */
  const follow = (read: (chunk: Buffer) => void, chunk: Buffer, outcome: 'canceled' | 'broken'): void => {
    link.cork();
    try {
      read(chunk);
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      mode = 'over';
      endAll(session, outcome);
      giveUp(session, error.code);
    } finally {
      link.uncork();
    }
  };
  const begin = (chunk: Buffer): void => {
    beginning = Buffer.concat([beginning, chunk]);
    const length = Math.min(beginning.length, PREFACE.length);
    if (!beginning.subarray(0, length).equals(PREFACE.subarray(0, length))) {
      mode = 'blind';
      link.toCallee(beginning);
    } else if (length === PREFACE.length) {
      mode = 'following';
      link.toCallee(PREFACE);
      follow(readCaller, beginning.subarray(length), 'canceled');
    }
  };

  return {
    fromCaller(chunk) {
      if (mode === 'following') follow(readCaller, chunk, 'canceled');
      else if (mode === 'beginning') begin(chunk);
      else if (mode === 'blind') link.toCallee(chunk);
    },
    fromCallee(chunk) {
      // A server may speak first.
      if (mode === 'beginning' || mode === 'following') follow(readCallee, chunk, 'broken');
      else if (mode === 'blind') link.toCaller(chunk);
    },
    callerGone: () => endAll(session, 'canceled'),
    calleeGone: () => endAll(session, 'broken'),
    busy: () => isBusy(session),
  };
}

function isBusy({ byCaller }: Session): boolean {
  const waits = ({ decision }: TapStream): boolean => decision.type !== 'fail' && decision.type !== 'hang';
  return byCaller.values().some(waits);
}
