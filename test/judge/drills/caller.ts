import { type BreakerOptions, type CallResult, breaker } from './breaker.ts';
import type { Clockwork } from './clockwork.ts';
import type { Call, Tap } from './tap.ts';

/** How a caller behaves on the edge. */
export interface CallerOptions {
  readonly breaker?: BreakerOptions | undefined;
  /** When it gives up one call; infinite: never. */
  readonly callTimeoutMs: number;
  /** When it gives up a request. */
  readonly deadlineMs: number;
  /** Without a callee it answers all the same. */
  readonly fallback: boolean;
  readonly retries?: Retries | undefined;
  /** Whether calls say how long they will wait. */
  readonly propagates: boolean;
  readonly traces: boolean;
  /** What a refusal or a fallback takes. */
  readonly ownMs: () => number;
  /** One way to the edge. */
  readonly wayMs: () => number;
}

export interface Retries {
  readonly most: number;
  /** A token for each request is this much, and each retry takes 1; infinite: no budget. */
  readonly share: number;
  readonly burst: number;
  readonly pauseMs: () => number;
  /** All retries at the same moments, so far apart. */
  readonly beatMs?: number;
  /** After the request was given up it goes on trying. */
  readonly late?: boolean;
  /** Also what took too long is tried again. */
  readonly timeouts?: boolean;
}

export type Answer = 'ok' | 'failed';

/** A caller that handles requests by calls on one edge; `answered` is told each request's outcome. */
export function caller(options: CallerOptions, clock: Clockwork, tap: Tap) {
  const { callTimeoutMs, deadlineMs, fallback, retries, propagates, wayMs, ownMs } = options;
  const gate = options.breaker === undefined ? undefined : breaker(options.breaker);
  let tokens = retries?.burst ?? 0;

  return function handle(
    call: Pick<Call, 'edge' | 'operation'>,
    traceId: string,
    answered: (answer: Answer) => void,
  ): void {
    const startMs = clock.nowMs();
    let isOver = false;
    let giveUp = (): void => {};
    const finish = (answer: Answer): void => {
      if (isOver) return;
      isOver = true;
      clock.at(clock.nowMs() + ownMs(), () => answered(answer));
    };
    const withoutCallee = (): void => finish(fallback ? 'ok' : 'failed');
    if (retries !== undefined) tokens = Math.min(retries.burst, tokens + retries.share);

    const attempt = (number: number): void => {
      const permit = gate?.allow(clock.nowMs());
      if (gate !== undefined && permit === undefined) {
        withoutCallee();
        return;
      }
      const leftMs = Math.min(callTimeoutMs, startMs + deadlineMs - clock.nowMs());
      let isDone = false;
      let cancel = (): void => {};
      const done = (result: CallResult): void => {
        if (isDone) return;
        isDone = true;
        if (permit !== undefined) gate?.done(permit, result, clock.nowMs());
        ended(result, number);
      };
      clock.at(clock.nowMs() + wayMs(), () => {
        cancel = tap.arrive(
          {
            ...call,
            ...(options.traces ? { traceId } : {}),
            ...(propagates && Number.isFinite(leftMs) ? { timeoutMs: leftMs } : {}),
          },
          (result) => clock.at(clock.nowMs() + wayMs(), () => done(result)),
        );
        if (isDone) cancel();
      });
      const stop = (result: CallResult): void => {
        done(result);
        clock.at(clock.nowMs() + wayMs(), () => cancel());
      };
      giveUp = () => stop('canceled');
      if (Number.isFinite(callTimeoutMs)) clock.at(clock.nowMs() + callTimeoutMs, () => !isDone && stop('timed-out'));
    };
    const ended = (result: CallResult, number: number): void => {
      if (result === 'ok') {
        finish('ok');
        return;
      }
      if (result === 'client-error' || result === 'canceled' || !mayRetry(result, number)) {
        withoutCallee();
        return;
      }
      const { beatMs, pauseMs } = retries as Retries;
      const nowMs = clock.nowMs();
      const nextMs = beatMs === undefined ? nowMs + pauseMs() : Math.ceil((nowMs + 1) / beatMs) * beatMs;
      if (!Number.isFinite(deadlineMs) || retries?.late === true || nextMs < startMs + deadlineMs) {
        clock.at(nextMs, () => attempt(number + 1));
      } else withoutCallee();
    };
    const mayRetry = (result: CallResult, number: number): boolean => {
      if (retries === undefined || number >= retries.most) return false;
      if (result === 'timed-out' && retries.timeouts !== true) return false;
      if (retries.share === Number.POSITIVE_INFINITY) return true;
      if (tokens < 1 - 1e-9) return false;
      tokens -= 1;
      return true;
    };
    if (Number.isFinite(deadlineMs)) {
      clock.at(startMs + deadlineMs, () => {
        if (isOver) return;
        withoutCallee();
        if (retries?.late !== true) giveUp();
      });
    }
    attempt(0);
  };
}
