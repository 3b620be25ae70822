import type { TappedEdge } from '../edge.ts';
import type { Link } from '../link.ts';
import { type CalleeWindow, calleeWindow } from './callee-window.ts';
import {
  FRAME,
  MAX_STREAM_ID,
  type Frame,
  goAway,
  onStream,
  payloadOf,
  rstStream,
  windowUpdate,
  ERROR,
} from './frames.ts';
import { type HeaderBlocks, headerBlocks } from './header-blocks.ts';
import { type Held, type TapStream, endStream } from './stream.ts';

/**
 * A caller's HTTP/2 connection and its own one to the callee. Settings, flow control, pings and the like are the two
 * sides' own business: their frames pass. The tap speaks up only for what it keeps from a side.
 */
export interface Session {
  readonly edge: TappedEdge;
  readonly link: Link;
  readonly requests: HeaderBlocks;
  readonly answers: HeaderBlocks;
  readonly calleeWindow: CalleeWindow;
  readonly byCaller: Map<number, TapStream>;
  /** Those that were passed on: the callee has names of its own, since they have to rise in the order of arrival there. */
  readonly byCallee: Map<number, TapStream>;
  highestCallerId: number;
  highestCalleeId: number;
  /** The callee takes no new streams. */
  goingAway: boolean;
}

export function newSession(edge: TappedEdge, link: Link): Session {
  return {
    edge,
    link,
    requests: headerBlocks(),
    answers: headerBlocks(),
    calleeWindow: calleeWindow((bytes) => link.toCallee(bytes)),
    byCaller: new Map(),
    byCallee: new Map(),
    highestCallerId: 0,
    highestCalleeId: -1,
    goingAway: false,
  };
}

/** The callee gets to know of the stream. */
export function passOn(session: Session, stream: TapStream): void {
  session.highestCalleeId += 2;
  stream.calleeId = session.highestCalleeId;
  session.byCallee.set(stream.calleeId, stream);
}

/** `paid`: data for which the caller already got its window back. */
export function sendToCallee(session: Session, stream: TapStream, item: Held, paid = false): void {
  const { calleeWindow: window, link, requests } = session;
  if ('wires' in item) {
    const bytes = requests.frames(stream.calleeId, item.endStream, item.wires);
    return window.behindData(stream, bytes);
  }
  onStream(item, stream.calleeId);
  if (item.type === FRAME.data) window.data(stream, item, paid);
  else link.toCallee(item.bytes);
}

/** A stream that was held up goes its way. */
export function letGo(session: Session, stream: TapStream): void {
  const { held } = stream;
  stream.held = stream.stopWaiting = undefined;
  if (session.goingAway) {
    session.link.toCaller(rstStream(stream.callerId, ERROR.refusedStream));
    endStream(session.edge, stream, 'broken');
    return forget(session, stream);
  }
  passOn(session, stream);
  session.link.cork();
  for (const item of held ?? []) sendToCallee(session, stream, item, true);
  session.link.uncork();
  forgetWhenDone(session, stream);
}

export function forgetWhenDone(session: Session, stream: TapStream): void {
  if (stream.callerDone && stream.calleeDone) forget(session, stream);
}

/** The stream ended before all was said. */
export function abandon(session: Session, stream: TapStream): void {
  creditCaller(session, session.calleeWindow.drop(stream), 0);
  forget(session, stream);
}

export function forget({ byCaller, byCallee }: Session, stream: TapStream): void {
  byCaller.delete(stream.callerId);
  byCallee.delete(stream.calleeId);
}

/**
 * Data of the caller's that no callee will see is taken off the windows, as the callee would (RFC 9113, 5.2); `callerId` 0:
 * of the connection's alone.
 */
export function creditCaller({ link }: Session, bytes: number, callerId: number): void {
  if (bytes === 0) return;
  link.toCaller(windowUpdate(0, bytes));
  if (callerId !== 0) link.toCaller(windowUpdate(callerId, bytes));
}

/** The same for data of the callee's that no caller will see. */
export function creditCallee({ link }: Session, bytes: number, calleeId: number): void {
  if (bytes === 0) return;
  link.toCallee(windowUpdate(0, bytes));
  if (calleeId !== 0) link.toCallee(windowUpdate(calleeId, bytes));
}

/**
 * The callee's GOAWAY, in the caller's numbers. Streams that the callee will not look at, though the caller has to think it
 * would, are refused one by one.
 */
export function passGoAway(session: Session, frame: Frame): void {
  const { link, byCaller, edge } = session;
  const payload = payloadOf(frame);
  const last = payload.length < 8 ? MAX_STREAM_ID : payload.readUInt32BE(0) & MAX_STREAM_ID;
  if (last === MAX_STREAM_ID) return link.toCaller(frame.bytes);
  session.goingAway = true;
  const seen = ({ calleeId }: TapStream): boolean => calleeId !== 0 && calleeId <= last;
  // An answer of the tap's own, or one that is waited for in vain, is the tap's business and not the callee's.
  const own = ({ decision }: TapStream): boolean => decision.type === 'fail' || decision.type === 'hang';
  const streams = [...byCaller.values()];
  const unseen = streams.filter((stream) => !seen(stream) && !own(stream));
  const lastCallerId =
    last >= session.highestCalleeId
      ? session.highestCallerId
      : Math.max(
          0,
          ...streams.filter(seen).map(({ callerId }) => callerId),
          Math.min(session.highestCallerId, ...unseen.map(({ callerId }) => callerId - 2)),
        );
  payload.writeUInt32BE(lastCallerId, 0);
  link.toCaller(frame.bytes);
  for (const stream of unseen) {
    stream.stopWaiting?.();
    if (stream.callerId <= lastCallerId) link.toCaller(rstStream(stream.callerId, ERROR.refusedStream));
    endStream(edge, stream, 'broken');
    forget(session, stream);
  }
}

/** Ends everything that is in flight. */
export function endAll({ byCaller, byCallee, edge }: Session, outcome: Parameters<typeof endStream>[2]): void {
  for (const stream of byCaller.values()) endStream(edge, stream, outcome);
  byCaller.clear();
  byCallee.clear();
}

/** One side broke the protocol so that the other cannot be told what it says: the connections end. */
export function giveUp(session: Session, code: number): void {
  session.link.toCaller(goAway(session.highestCallerId, code));
  session.link.finish();
}
