/** Exit codes of the command line, as documented in the README. */
export const EXIT = {
  pass: 0,
  fail: 1,
  usage: 2,
  inconclusive: 3,
  environment: 4,
  cleanup: 5,
  aborted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface ErrorDetails {
  /** What to do about it; printed below the message. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * The base of every error that a user may see: thrown once, printed once at the CLI's edge. `code` is stable and
 * machine-readable, `exitCode` is what the process ends with.
 */
export abstract class CutoverError extends Error {
  abstract readonly code: string;
  abstract readonly exitCode: ExitCode;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.hint = details.hint;
  }
}

/** A tool or a service that could not be found, built, started or reached: exit 4. */
export class EnvironmentError extends CutoverError {
  readonly exitCode = EXIT.environment;
  readonly code: string;

  constructor(code: string, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.code = code;
  }
}

/** A wrong command line: exit 2. */
export class UsageError extends CutoverError {
  readonly exitCode = EXIT.usage;
  readonly code = 'usage';
}

/** What was injected or started could not be shown to be gone again: exit 5. */
export class CleanupError extends CutoverError {
  readonly exitCode = EXIT.cleanup;
  readonly code = 'cleanup-unverified';
}

/** The user stopped the run (ctrl-C, SIGTERM): exit 130, after clean-up. */
export class AbortedError extends CutoverError {
  readonly exitCode = EXIT.aborted;
  readonly code = 'aborted';
}
