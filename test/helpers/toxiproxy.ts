import { cacheDir } from '../../lib/toolchain/cache-dir.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';

/** Path of a real toxiproxy-server, as the harness would find it (CUTOVER_TOXIPROXY_SERVER, PATH, cache, built). */
export async function toxiproxyServerPath(): Promise<string> {
  const { env } = process;
  const tool = await resolveTool('toxiproxy-server', {
    env,
    cacheDir: cacheDir(env),
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return tool.path;
}
