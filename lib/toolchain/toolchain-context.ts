import type { BuildProgress } from './build-progress.ts';

export interface ToolchainContext {
  readonly env: NodeJS.ProcessEnv;
  /** The user's cache folder (absolute), see `cacheDir()`. */
  readonly cacheDir: string;
  /** Stops a build, with all its processes. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BuildProgress) => void;
}
