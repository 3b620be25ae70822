/** Gets the tiny tool into the cache named by argv[2]; prints progress and the tool as JSON lines. */
import { resolveSpec } from '../../../lib/toolchain/resolve-tool.ts';
import { TINY_SPEC } from './tiny-spec.ts';

const print = (value: unknown): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
const tool = await resolveSpec(TINY_SPEC, {
  env: process.env,
  cacheDir: process.argv[2] ?? '',
  signal: new AbortController().signal,
  onProgress: print,
});
print(tool);
