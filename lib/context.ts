import type { Journal } from './journal/journal.ts';

/** What every phase of a run is given besides its input: no module-level state. */
export interface RunContext {
  readonly journal: Journal;
  /** Aborted when the user stops the run; every wait listens to it. */
  readonly signal: AbortSignal;
  /** The run folder (absolute). */
  readonly folder: string;
  /** The user's cache folder for tools and build artifacts (absolute). */
  readonly cacheDir: string;
  /** Tells the user what is going on, one line at a time. */
  readonly progress: (message: string) => void;
}
