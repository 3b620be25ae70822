import type { Address } from './address.ts';
import type { OpenAttempt, Recorder } from './recorder.ts';
import type { RuleBook } from './rule-book.ts';
import type { TapEdgeOptions } from './tap.ts';

/** An edge in the tap's process: what the conversations on it share. */
export interface TappedEdge {
  readonly options: TapEdgeOptions;
  readonly upstream: Address;
  readonly rules: RuleBook;
  readonly recorder: Recorder;
}

/** What keeps an attempt from reaching the callee for now, or for good. */
export type Waiting = () => void;

/** Ends the attempt and whatever it waits for. */
export function endAttempt(
  recorder: Recorder,
  entry: { readonly attempt: OpenAttempt; stopWaiting: Waiting | undefined },
  outcome: Parameters<Recorder['end']>[1],
): void {
  entry.stopWaiting?.();
  entry.stopWaiting = undefined;
  recorder.end(entry.attempt, outcome);
}
