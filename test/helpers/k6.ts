import { cacheDir } from '../../lib/toolchain/cache-dir.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';

/** Path of a real k6, as a run would find it; the first test on a machine may have to build it. */
export async function realK6(): Promise<string> {
  const tool = await resolveTool('k6', {
    env: process.env,
    cacheDir: cacheDir(process.env),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return tool.path;
}

/** A first build of k6 takes minutes on two cores. */
export const K6_BUILD_TIMEOUT_MS = 900_000;
