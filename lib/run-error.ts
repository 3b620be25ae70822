import { AbortedError, CleanupError, CutoverError, EnvironmentError } from './errors.ts';

/**
 * What a run ended with, as one of the project's errors. A clean-up that failed comes first, since something may still be
 * running; then the user's abort; anything unknown is a defect of the harness and keeps its stack.
 */
export function asRunError(thrown: unknown, signal: AbortSignal): CutoverError {
  const all = flatten(thrown);
  const known = all.filter((error) => error instanceof CutoverError);
  const cleanup = known.find((error) => error instanceof CleanupError);
  if (cleanup !== undefined) {
    const others = known.filter((error) => error !== cleanup).map((error) => error.message);
    return others.length === 0
      ? cleanup
      : new CleanupError([cleanup.message, ...others].join('\n'), { hint: cleanup.hint });
  }
  if (signal.aborted) return new AbortedError('aborted by the user; everything that was started is stopped');
  const [first] = known;
  if (first !== undefined) return first;
  const [unknown] = all;
  const text = unknown instanceof Error ? (unknown.stack ?? unknown.message) : String(unknown);
  return new EnvironmentError('unexpected', `unexpected error: ${text}`, { cause: thrown });
}

/** An error thrown while another was being handled wraps both. */
function flatten(thrown: unknown): unknown[] {
  if (thrown instanceof SuppressedError) return [...flatten(thrown.suppressed), ...flatten(thrown.error)];
  if (thrown instanceof AggregateError) return thrown.errors.flatMap(flatten);
  return [thrown];
}
