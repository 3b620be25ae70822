import { cacheDir } from '../../lib/toolchain/cache-dir.ts';
import { createProgressWriter } from '../../lib/toolchain/progress-bar.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';

/** Has the tools found or built before the first test, which would otherwise wait minutes for a compiler. */
export default async function setup(): Promise<void> {
  const { env } = process;
  using onProgress = createProgressWriter(process.stderr);
  const context = { env, cacheDir: cacheDir(env), signal: new AbortController().signal, onProgress };
  await resolveTool('k6', context);
  await resolveTool('toxiproxy-server', context);
}
