import { CleanupError } from '../errors.ts';

/**
 * Disposes of everything in reverse order; what goes wrong with one keeps none of the others. All failures become one
 * CleanupError, since the platform's nested SuppressedErrors are nothing that a user could read.
 */
export async function cleanUp(stack: AsyncDisposableStack): Promise<void> {
  try {
    await stack.disposeAsync();
  } catch (error) {
    const failures = flatten(error);
    const hints = failures.flatMap((failure) =>
      failure instanceof CleanupError && failure.hint ? [failure.hint] : [],
    );
    throw new CleanupError(failures.map((failure) => (failure as Error).message).join('\n'), {
      hint: hints.length > 0 ? hints.join('\n') : undefined,
      cause: error,
    });
  }
}

function flatten(error: unknown): unknown[] {
  if (!(error instanceof SuppressedError)) return [error];
  return [...flatten(error.suppressed), ...flatten(error.error)];
}
