import type { HeaderField } from '../hpack/decoder.ts';
import {
  ERROR,
  FLAG,
  FRAME,
  type Frame,
  MAX_STREAM_ID,
  onStream,
  payloadOf,
  rstStream,
  windowUpdate,
} from './frames.ts';
import { grpcCodeOf } from './grpc-answer.ts';
import type { HeaderBlock } from './header-blocks.ts';
import { type Session, abandon, creditCallee, endAll, forget, forgetWhenDone, passGoAway } from './session.ts';
import { type TapStream, endStream, valueOf } from './stream.ts';

const MAX_WINDOW_BYTES = 0x7fff_ffff;

/** One frame of the callee's. Throws ConnectionError. */
export function fromCallee(session: Session, frame: Frame): void {
  const { type, streamId } = frame;
  const block = session.answers.take(frame);
  if (type === FRAME.pushPromise) {
    // Pushed answers are not passed on; gRPC has none.
    const promised = payloadOf(frame).readUInt32BE((frame.flags & FLAG.padded) === 0 ? 0 : 1) & MAX_STREAM_ID;
    session.link.toCallee(rstStream(promised, ERROR.refusedStream));
    return;
  }
  if (block !== undefined) return onHeaders(session, block);
  switch (type) {
    case FRAME.headers:
    case FRAME.continuation:
    case FRAME.priority:
      return;
    case FRAME.goAway:
      return passGoAway(session, frame);
    case FRAME.windowUpdate:
      if (streamId === 0) return passWindow(session, frame);
      break;
    default:
      if (streamId === 0) return session.link.toCaller(frame.bytes);
  }
  const stream = session.byCallee.get(streamId);
  if (type === FRAME.data) onData(session, stream, frame);
  else if (stream === undefined) return;
  else if (type === FRAME.rstStream) {
    session.link.toCaller(onStream(frame, stream.callerId));
    endStream(session.edge, stream, 'broken');
    abandon(session, stream);
  } else session.link.toCaller(onStream(frame, stream.callerId));
}

/** The callee's window for the connection grows; the caller may already have its part of it. */
function passWindow({ calleeWindow, link }: Session, frame: Frame): void {
  const payload = payloadOf(frame);
  const bytes = payload.length === 4 ? payload.readUInt32BE(0) & MAX_WINDOW_BYTES : 0;
  const rest = calleeWindow.give(bytes);
  // As it is, where that is no increment at all: the caller will judge it.
  if (rest === bytes) link.toCaller(frame.bytes);
  else if (rest > 0) link.toCaller(windowUpdate(0, rest));
}

function onHeaders(session: Session, { streamId, endStream: ends, fields }: HeaderBlock): void {
  const stream = session.byCallee.get(streamId);
  if (stream === undefined) return;
  const status = valueOf(fields, ':status');
  if (status !== undefined) stream.httpStatus = Number(status);
  if (stream.decision.type !== 'cut') {
    const wires = fields.map(({ wire }) => wire);
    session.link.toCaller(session.answers.frames(stream.callerId, ends, wires));
  }
  if (ends) answered(session, stream, fields);
}

function onData(session: Session, stream: TapStream | undefined, frame: Frame): void {
  const bytes = payloadOf(frame).length;
  if (stream === undefined) return creditCallee(session, bytes, 0);
  const ends = (frame.flags & FLAG.endStream) !== 0;
  if (stream.decision.type === 'cut') creditCallee(session, bytes, ends ? 0 : stream.calleeId);
  else session.link.toCaller(onStream(frame, stream.callerId));
  if (ends) answered(session, stream, []);
}

/** The whole answer is there. */
function answered(session: Session, stream: TapStream, trailers: readonly HeaderField[]): void {
  stream.calleeDone = true;
  if (stream.decision.type === 'cut') {
    endStream(session.edge, stream, 'cut');
    forget(session, stream);
    // The others on the connection are lost with it.
    endAll(session, 'cut');
    session.link.cut();
    return;
  }
  stream.attempt.status = grpcCodeOf(stream.httpStatus, trailers);
  endStream(session.edge, stream, 'answered');
  forgetWhenDone(session, stream);
}
