import { AbortedError, CutoverError } from '../errors.ts';

/** Throws what the user's stop means to a phase: the signal's own reason if that is one of ours, else AbortedError. */
export function throwIfStopped(signal: AbortSignal): void {
  if (!signal.aborted) return;
  if (signal.reason instanceof CutoverError) throw signal.reason;
  throw new AbortedError('stopped by the user', { cause: signal.reason });
}
