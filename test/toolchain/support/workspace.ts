import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from '../../../lib/toolchain/path-search.ts';
import type { BuildProgress } from '../../../lib/toolchain/build-progress.ts';
import type { ToolchainContext } from '../../../lib/toolchain/toolchain-context.ts';

/** A temporary machine: one folder that is all of PATH, and a cache folder. */
export interface Workspace extends AsyncDisposable {
  readonly folder: string;
  readonly bin: string;
  readonly cacheDir: string;
  /** Of this process, with PATH narrowed to `bin` and no overrides. */
  readonly env: NodeJS.ProcessEnv;
  /** Puts a shell script on PATH and returns its path. */
  readonly script: (name: string, body: string) => Promise<string>;
  /** Puts the machine's real Go on PATH; `onBuild` is shell code that runs before each `go build`. */
  readonly installGo: (onBuild?: string) => Promise<void>;
  readonly context: (overrides?: Partial<ToolchainContext>) => ToolchainContext & { readonly seen: BuildProgress[] };
}

export async function createWorkspace(): Promise<Workspace> {
  const folder = await mkdtemp(join(tmpdir(), 'cutover-toolchain-'));
  const bin = join(folder, 'bin');
  const cacheDir = join(folder, 'cache');
  await mkdir(bin);
  const { CUTOVER_K6: _k6, CUTOVER_TOXIPROXY_SERVER: _toxiproxy, ...inherited } = process.env;
  const env = { ...inherited, PATH: bin };

  const script = async (name: string, body: string): Promise<string> => {
    const path = join(bin, name);
    await writeFile(path, `#!/bin/sh\n${body}\n`);
    await chmod(path, 0o755);
    return path;
  };
  return {
    folder,
    bin,
    cacheDir,
    env,
    script,
    async installGo(onBuild = ':') {
      const go = (await findOnPath('go', process.env))[0];
      if (go === undefined) throw new Error('these tests need Go on PATH');
      await script('go', `if [ "$1" = build ]; then\n${onBuild}\nfi\nexec '${go}' "$@"`);
    },
    context(overrides = {}) {
      const seen: BuildProgress[] = [];
      const signal = new AbortController().signal;
      return { env, cacheDir, signal, onProgress: (progress) => seen.push(progress), ...overrides, seen };
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}
