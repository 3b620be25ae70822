import { type Socket, connect } from 'node:net';
import type { Address } from './address.ts';

/** After one side has said it is done, the other may be silent for this long: what Linux grants (`tcp_fin_timeout`). */
const LINGER_MS = 60_000;

/** When the callee cannot be reached, a caller's first request is awaited for this long, so that it is seen. */
const FIRST_REQUEST_MS = 20;

/** What is said over a link: reads both directions, and decides what is passed on. */
export interface Conversation {
  fromCaller(bytes: Buffer): void;
  fromCallee(bytes: Buffer): void;
  /** It has said that it is done (which mostly means that it is gone), or its connection broke. */
  callerGone(): void;
  calleeGone(): void;
  /** Whether a request waits for the callee. */
  busy(): boolean;
}

/** Why a side is not read for a while. */
export const HOLD = { otherSideIsFull: 1, tooMuchAhead: 2 } as const;
export type HoldReason = (typeof HOLD)[keyof typeof HOLD];

/**
 * A caller's connection with a connection to the callee of its own, which is opened when the caller's is. Ends, resets and
 * backpressure of either side reach the other.
 */
export interface Link {
  toCaller(bytes: Uint8Array): void;
  toCallee(bytes: Uint8Array): void;
  /** Writes in between go out together. */
  cork(): void;
  uncork(): void;
  /** When all that was written to the caller so far is with the system, which mostly is at once. */
  whenSentToCaller(then: () => void): void;
  /** Stops or goes on reading the caller. */
  holdCaller(reason: HoldReason, hold: boolean): void;
  /** Resets both connections, as a lost network would. */
  cut(): void;
  /** Ends both in order, after what was written. */
  finish(): void;
}

export function openLink(caller: Socket, upstream: Address, converse: (link: Link) => Conversation): Link {
  const callee = connect({ ...upstream, allowHalfOpen: true, noDelay: true });
  let callerHolds = 0;
  let calleeHeld = false;

  const holdCaller = (reason: HoldReason, hold: boolean): void => {
    callerHolds = hold ? callerHolds | reason : callerHolds & ~reason;
    if (callerHolds === 0) caller.resume();
    else caller.pause();
  };
  const link: Link = {
    toCaller(bytes) {
      if (caller.writable && !caller.write(bytes)) {
        calleeHeld = true;
        callee.pause();
      }
    },
    toCallee(bytes) {
      if (callee.writable && !callee.write(bytes)) holdCaller(HOLD.otherSideIsFull, true);
    },
    cork() {
      caller.cork();
      callee.cork();
    },
    uncork() {
      caller.uncork();
      callee.uncork();
    },
    whenSentToCaller(then) {
      if (caller.writableLength === 0) then();
      else caller.write('', then);
    },
    holdCaller,
    cut() {
      reset(caller);
      reset(callee);
    },
    finish() {
      caller.end();
      callee.end();
      linger(caller, link);
      linger(callee, link);
    },
  };
  const conversation = converse(link);
  let refused: NodeJS.Timeout | undefined;

  caller.on('data', (bytes) => {
    conversation.fromCaller(bytes);
    if (refused !== undefined && conversation.busy()) refuse();
  });
  callee.on('data', (bytes) => conversation.fromCallee(bytes));
  caller.on('drain', () => {
    if (!calleeHeld) return;
    calleeHeld = false;
    callee.resume();
  });
  callee.on('drain', () => holdCaller(HOLD.otherSideIsFull, false));
  caller.on('end', () => {
    conversation.callerGone();
    callee.end();
    linger(callee, link);
  });
  callee.on('end', () => {
    conversation.calleeGone();
    caller.end();
    linger(caller, link);
  });
  caller.on('error', () => {
    conversation.callerGone();
    reset(callee);
  });
  let connected = false;
  callee.on('connect', () => (connected = true));
  callee.on('error', () => {
    if (connected || conversation.busy()) refuse();
    else refused = setTimeout(refuse, FIRST_REQUEST_MS);
  });
  caller.on('close', () => clearTimeout(refused));
  return link;

  function refuse(): void {
    clearTimeout(refused);
    conversation.calleeGone();
    reset(caller);
  }
}

function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** Counts silence only: what still flows may take its time. */
function linger(socket: Socket, link: Link): void {
  socket.setTimeout(LINGER_MS, () => link.cut());
}
