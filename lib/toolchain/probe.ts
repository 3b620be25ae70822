import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failureOf, runCommand } from './run-command.ts';

/** What is needed to make a program tell its version. */
export interface VersionQuestion {
  readonly versionArguments: readonly string[];
  /** The version is its first group. */
  readonly versionPattern: RegExp;
}

/** "unreadable": it ran, and printed no version; "broken": it did not run. */
export type Probe =
  | { readonly kind: 'version'; readonly version: string }
  | { readonly kind: 'unreadable'; readonly printed: string }
  | { readonly kind: 'broken'; readonly reason: string };

// Generous: a cold start of a 50 MB binary on a busy machine takes seconds.
const PROBE_TIMEOUT_MS = 20_000;

/** Runs the program once and reads its version. Throws only the signal's own reason, when that aborts. */
export async function probeVersion(
  path: string,
  question: VersionQuestion,
  context: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Probe> {
  // execvp(3) gives a file that the kernel refuses (a binary cut short, or of another machine) to the shell, as a script:
  // whatever that writes must not land in the user's folder.
  const cwd = await mkdtemp(join(tmpdir(), 'cutover-probe-'));
  const options = { ...context, cwd, timeoutMs: PROBE_TIMEOUT_MS };
  const result = await runCommand(path, question.versionArguments, options);
  await rm(cwd, { recursive: true, force: true });
  context.signal.throwIfAborted();
  const failure = failureOf(result);
  if (failure !== undefined || result.kind !== 'exited') return { kind: 'broken', reason: failure ?? result.kind };
  const printed = `${result.stdout}\n${result.stderr}`.trim();
  const version = question.versionPattern.exec(printed)?.[1];
  return version === undefined
    ? { kind: 'unreadable', printed: printed.split('\n')[0] ?? '' }
    : { kind: 'version', version };
}
