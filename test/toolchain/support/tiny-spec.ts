import { fileURLToPath } from 'node:url';
import { TOOL_SPECS } from '../../../lib/toolchain/tool-spec.ts';
import type { ToolSpec } from '../../../lib/toolchain/tool-spec.ts';

/** k6, but built from a module that takes a second. */
export const TINY_SPEC: ToolSpec = {
  ...TOOL_SPECS.k6,
  build: {
    version: '2.2.0',
    origin: 'tiny 2.2.0',
    moduleFolder: fileURLToPath(new URL('../fixtures/tiny', import.meta.url)),
    package: '.',
    linkerFlags: '-s -w',
  },
};
