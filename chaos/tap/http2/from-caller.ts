import { ERROR, FLAG, FRAME, type Frame, payloadOf, rstStream, unpaddedPayload } from './frames.ts';
import { failureFields } from './grpc-answer.ts';
import { ConnectionError, type HeaderBlock } from './header-blocks.ts';
import { type Session, abandon, creditCaller, forget, forgetWhenDone, letGo, passOn, sendToCallee } from './session.ts';
import { type TapStream, beginStream, endStream, readKey } from './stream.ts';

/** One frame of the caller's. Throws ConnectionError. */
export function fromCaller(session: Session, frame: Frame): void {
  const block = session.requests.take(frame);
  if (block !== undefined) return onHeaders(session, block);
  const { type, streamId } = frame;
  switch (type) {
    case FRAME.headers:
    case FRAME.continuation:
      // The rest of the block is to come.
      return;
    case FRAME.priority:
    case FRAME.priorityUpdate:
      // Advice that names streams by their numbers, which nobody has to follow (RFC 9113, 5.3.2).
      return;
    case FRAME.pushPromise:
      throw new ConnectionError(ERROR.protocol);
    default:
      if (streamId === 0) return session.link.toCallee(frame.bytes);
  }
  const stream = session.byCaller.get(streamId);
  if (type === FRAME.data) onData(session, stream, frame);
  // What crossed the stream's end on its way says nothing any more.
  else if (stream === undefined) return;
  else if (type === FRAME.rstStream) onReset(session, stream, frame);
  else pass(session, stream, frame);
}

function onHeaders(session: Session, { streamId, endStream: ends, fields }: HeaderBlock): void {
  const wires = fields.map(({ wire }) => wire);
  const known = session.byCaller.get(streamId);
  if (known !== undefined) {
    known.callerDone ||= ends;
    // Trailers of the request.
    if (known.held !== undefined) known.held.push({ endStream: ends, wires });
    else if (known.calleeId !== 0) sendToCallee(session, known, { endStream: ends, wires });
    return forgetWhenDone(session, known);
  }
  if (streamId <= session.highestCallerId || streamId % 2 === 0) return;
  session.highestCallerId = streamId;
  const stream = beginStream(session.edge, streamId, fields);
  stream.callerDone = ends;
  session.byCaller.set(streamId, stream);
  const { decision } = stream;
  switch (decision.type) {
    case 'pass':
    case 'cut':
      passOn(session, stream);
      return sendToCallee(session, stream, { endStream: ends, wires });
    case 'fail':
      return fail(session, stream, decision.status);
    case 'delay': {
      stream.held?.push({ endStream: ends, wires });
      const timer = setTimeout(letGo, decision.delayMs, session, stream);
      stream.stopWaiting = () => clearTimeout(timer);
      return;
    }
    case 'hang':
      stream.stopWaiting = decision.hold(() => {
        endStream(session.edge, stream, 'cut');
        session.link.toCaller(rstStream(streamId, ERROR.internal));
        forget(session, stream);
      });
      return;
    default:
      decision satisfies never;
  }
}

/** Answers at once. What the caller goes on to send is taken and dropped, so that it can end in its own way. */
function fail(session: Session, stream: TapStream, code: number): void {
  session.link.toCaller(session.answers.frames(stream.callerId, true, [failureFields(code)]));
  stream.attempt.status = code;
  stream.calleeDone = true;
  endStream(session.edge, stream, 'failed');
  forgetWhenDone(session, stream);
}

function onData(session: Session, stream: TapStream | undefined, frame: Frame): void {
  const bytes = payloadOf(frame).length;
  if (stream === undefined) return creditCaller(session, bytes, 0);
  readKey(session.edge, stream, unpaddedPayload(frame));
  stream.callerDone ||= (frame.flags & FLAG.endStream) !== 0;
  const { decision } = stream;
  if (decision.type === 'fail') creditCaller(session, bytes, stream.callerDone ? 0 : stream.callerId);
  // What waits is read no further, but the other streams must not wait for this one.
  else if (decision.type === 'hang') creditCaller(session, bytes, 0);
  else {
    if (stream.held !== undefined) creditCaller(session, bytes, 0);
    pass(session, stream, frame);
  }
  forgetWhenDone(session, stream);
}

function pass(session: Session, stream: TapStream, frame: Frame): void {
  if (stream.held !== undefined) stream.held.push(frame);
  else if (stream.calleeId !== 0) sendToCallee(session, stream, frame);
}

/** The caller has given up, with whatever code it says. */
function onReset(session: Session, stream: TapStream, frame: Frame): void {
  if (stream.calleeId !== 0) sendToCallee(session, stream, frame);
  endStream(session.edge, stream, 'canceled');
  abandon(session, stream);
}
