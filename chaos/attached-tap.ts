import type { TapTarget } from './faults/fault-kind.ts';
import type { TapControl } from './lease.ts';
import { tapClient } from './tap/control.ts';
import { TapError } from './tap/tap-error.ts';

/** A tap that another process has started. */
export function attachTap(control: TapControl): TapTarget {
  const client = tapClient(control);
  let ended = false;
  const watched = async <T>(call: Promise<T>): Promise<T> => {
    try {
      return await call;
    } catch (error) {
      ended = isRefused(error);
      throw error;
    }
  };
  return {
    control,
    setRule: (rule) => watched(client.setRule(rule)),
    removeRule: (edge, id) => watched(client.removeRule(edge, id)),
    rules: (edge) => watched(client.rules(edge)),
    // How it ended only its owner knows.
    exit: () => (ended ? { code: null, signal: null } : undefined),
  };
}

/** Nothing listens where it did. */
function isRefused(error: unknown): boolean {
  const reason = error instanceof TapError && error.cause instanceof Error ? error.cause.cause : undefined;
  return reason instanceof Error && (reason as NodeJS.ErrnoException).code === 'ECONNREFUSED';
}
