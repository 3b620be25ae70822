import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cacheDir } from '../../lib/toolchain/cache-dir.ts';

const SERVICES = fileURLToPath(new URL('../../services/', import.meta.url));
const MINUTES = 60_000;

/** The reference services' own tests, in their own languages. */
describe.each([
  // Never from Go's cache of results: it does not see the contracts, which are outside of the module.
  { service: 'monolith', command: 'go', args: ['test', '-count=1', './...'], env: { CGO_ENABLED: '0' } },
  // The release profile, so that what `npm start` builds is built once.
  {
    service: 'engine',
    command: 'cargo',
    args: ['test', '--release', '--locked', '--quiet'],
    env: { CARGO_TARGET_DIR: `${cacheDir(process.env)}/cargo` },
  },
])('services/$service', ({ service, command, args, env }) => {
  const missing = spawnSync(command, ['version'], { stdio: 'ignore' }).error !== undefined;

  test.skipIf(missing && process.env['CI'] === undefined)(
    `pass their own tests (need ${command})`,
    { timeout: 20 * MINUTES },
    () => {
      const { status, stdout, stderr } = spawnSync(command, args, {
        cwd: `${SERVICES}${service}`,
        env: { ...process.env, ...env },
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      });
      expect(status, `${stdout}\n${stderr}`).toBe(0);
    },
  );
});
