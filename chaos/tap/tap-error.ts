import { EnvironmentError } from '../../lib/errors.ts';

/** A call to a tap that did not do what it should. */
export class TapError extends EnvironmentError {
  /** `timeout`, `unreachable`: there was no (whole) answer; `invalid`: what was asked for is wrong, see `problems`. */
  readonly reason: 'timeout' | 'unreachable' | 'rejected' | 'invalid' | 'no-such-edge' | 'no-such-rule';
  readonly problems: readonly TapProblem[];

  constructor(
    reason: TapError['reason'],
    message: string,
    details: { hint?: string | undefined; cause?: unknown; problems?: readonly TapProblem[] } = {},
  ) {
    super(`tap-${reason}`, message, details);
    this.reason = reason;
    this.problems = details.problems ?? [];
  }
}

/** One thing wrong with what was asked for: where, what stands there, what is wrong, what to do. */
export interface TapProblem {
  readonly path: string;
  readonly value?: unknown;
  readonly message: string;
  readonly hint?: string | undefined;
}
