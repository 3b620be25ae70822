import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { cacheDir } from '../../lib/toolchain/cache-dir.ts';

it.each([
  [{ CUTOVER_CACHE: '/c', XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/c'],
  [{ CUTOVER_CACHE: 'here', HOME: '/h' }, 'linux', resolve('here')],
  [{ CUTOVER_CACHE: '', XDG_CACHE_HOME: '/x', HOME: '/h' }, 'linux', '/x/cutover'],
  [{ XDG_CACHE_HOME: '/x', HOME: '/h' }, 'darwin', '/x/cutover'],
  [{ XDG_CACHE_HOME: 'relative', HOME: '/h' }, 'linux', '/h/.cache/cutover'],
  [{ HOME: '/h' }, 'linux', '/h/.cache/cutover'],
  [{ HOME: '/h' }, 'darwin', '/h/Library/Caches/cutover'],
  [{}, 'linux', `${homedir()}/.cache/cutover`],
] as const)('%j on %s: %s', (env, platform, expected) => {
  expect(cacheDir(env, platform)).toBe(expected);
});
