import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';

/**
 * The user's cache folder for built tools and build artifacts, absolute: CUTOVER_CACHE, else XDG_CACHE_HOME/cutover,
 * else `~/Library/Caches/cutover` on macOS and `~/.cache/cutover` elsewhere. It is not created here. A relative
 * XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification asks.
 */
export function cacheDir(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (env['CUTOVER_CACHE']) return resolve(env['CUTOVER_CACHE']);
  const xdg = env['XDG_CACHE_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'cutover');
  const home = env['HOME'] || homedir();
  return platform === 'darwin' ? join(home, 'Library', 'Caches', 'cutover') : join(home, '.cache', 'cutover');
}
