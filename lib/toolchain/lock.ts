import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { livenessOf, ownIdentity } from './process-identity.ts';
import type { ProcessIdentity } from './process-identity.ts';

export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called once, when somebody else holds the lock, with who does. */
  readonly onWait?: ((holder: ProcessIdentity) => void) | undefined;
}

const POLL_MS = 100;
const HEARTBEAT_MS = 5_000;
/** A holder whose process can't be seen from here (another container) counts as dead after this long without a beat. */
const SILENCE_MS = 60_000;

const RELEASED = 'released';
const DRAFT = 'lock-draft-';

/**
 * Holds `folder` (created when missing) until disposed; a second taker waits, in this process or another. The lock outlives crashes: a lock whose
 * process is dead is taken over at once.
 *
 * The lock is the file `lock.<n>` with the highest n. Whoever finds it released or its holder dead creates
 * `lock.<n+1>`, which only one can; names are never used again, so that nobody can remove another's lock by mistake
 * while taking over a dead one's. The last file stays, marked as released.
 *
 * Rejects with the signal's reason when that aborts.
 */
export async function acquireLock(folder: string, options: LockOptions): Promise<AsyncDisposable> {
  await mkdir(folder, { recursive: true });
  const identity = ownIdentity();
  let told = false;
  for (;;) {
    options.signal.throwIfAborted();
    const generation = await highestGeneration(folder);
    const holder = await liveHolder(folder, generation);
    if (holder === undefined) {
      if (await claim(folder, generation + 1, identity)) return hold(folder, generation + 1);
      continue;
    }
    if (!told) options.onWait?.(holder);
    told = true;
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
}

/** False when another was faster. */
async function claim(folder: string, generation: number, identity: ProcessIdentity): Promise<boolean> {
  // Linking a finished file: nobody ever reads a half-written lock.
  const draft = draftPath(folder);
  const path = lockPath(folder, generation);
  await writeFile(draft, JSON.stringify(identity));
  try {
    await link(draft, path);
  } catch (error) {
    // Taken, or the draft was swept away by who took it.
    if (hasCode(error, 'EEXIST') || hasCode(error, 'ENOENT')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
  // What was seen as the highest may have been overtaken and removed in between; then this claim is worth nothing.
  if ((await highestGeneration(folder)) !== generation) {
    await rm(path, { force: true });
    return false;
  }
  return true;
}

async function hold(folder: string, generation: number): Promise<AsyncDisposable> {
  const path = lockPath(folder, generation);
  await sweep(folder, generation);
  const heartbeat = setInterval(() => {
    const now = new Date();
    // A cache folder that was deleted meanwhile shows in the work that is done under the lock.
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(heartbeat);
      const draft = draftPath(folder);
      await writeFile(draft, RELEASED);
      await rename(draft, path);
    },
  };
}

/** Removes what earlier holders left, and drafts of processes that were killed; live ones draft again. */
async function sweep(folder: string, generation: number): Promise<void> {
  const older = (await generations(folder))
    .filter((other) => other < generation)
    .map((other) => lockPath(folder, other));
  const drafts = (await readdir(folder)).filter((name) => name.startsWith(DRAFT)).map((name) => join(folder, name));
  await Promise.all([...older, ...drafts].map((path) => rm(path, { force: true })));
}

/** Undefined when the lock is free: there is none, it was released, or its holder is dead. */
async function liveHolder(folder: string, generation: number): Promise<ProcessIdentity | undefined> {
  const path = lockPath(folder, generation);
  try {
    const content = await readFile(path, 'utf8');
    if (content === RELEASED) return undefined;
    const holder = JSON.parse(content) as ProcessIdentity;
    const liveness = livenessOf(holder);
    const beats = async (): Promise<boolean> => Date.now() - (await stat(path)).mtimeMs < SILENCE_MS;
    return liveness === 'alive' || (liveness === 'unknown' && (await beats())) ? holder : undefined;
  } catch (error) {
    // Removed in between: a newer one exists. Not JSON: the disk lost it, as after a power cut.
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function highestGeneration(folder: string): Promise<number> {
  return Math.max(0, ...(await generations(folder)));
}

async function generations(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => {
    const generation = /^lock\.(\d+)$/.exec(name)?.[1];
    return generation === undefined ? [] : [Number(generation)];
  });
}

function draftPath(folder: string): string {
  return join(folder, `${DRAFT}${randomUUID()}`);
}

function lockPath(folder: string, generation: number): string {
  return join(folder, `lock.${generation}`);
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
