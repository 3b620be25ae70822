import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunContext } from '../../lib/context.ts';

export interface TestContext extends RunContext, AsyncDisposable {
  /** What was journalled and said so far. */
  readonly journalled: readonly { readonly type: string; readonly data: Readonly<Record<string, unknown>> }[];
  readonly said: readonly string[];
  readonly abort: () => void;
}

/** A run context in a folder of its own, which is removed with it. */
export async function testContext(): Promise<TestContext> {
  const root = await mkdtemp(join(tmpdir(), 'cutover-test-'));
  const journalled: { type: string; data: Readonly<Record<string, unknown>> }[] = [];
  const said: string[] = [];
  const abort = new AbortController();
  return {
    folder: join(root, 'run'),
    cacheDir: join(root, 'cache'),
    signal: abort.signal,
    journal: { record: (type, data = {}) => void journalled.push({ type, data }), [Symbol.dispose]: () => {} },
    progress: (message) => void said.push(message),
    journalled,
    said,
    abort: () => abort.abort(),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

/** A guard that only remembers: what it still holds at a test's end was not stopped. */
export function testGuard() {
  const held = new Set<number>();
  return {
    held,
    guard: (pid: number): void => void held.add(pid),
    release: (pid: number): void => void held.delete(pid),
  };
}
