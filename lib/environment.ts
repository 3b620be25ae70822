import { arch, cpus, platform, release, totalmem } from 'node:os';
import type { Verdict } from '../reports/model/verdict.ts';
import type { Tool } from './toolchain/tool.ts';
import { VERSION } from './version.ts';

/** The machine and the tools that a run's figures depend on. */
export function describeEnvironment(tools: readonly Tool[]): Verdict['environment'] {
  return {
    tools: [
      { name: 'cutover', version: VERSION, path: '', source: 'this' },
      { name: 'node', version: process.versions.node, path: process.execPath, source: 'this' },
      ...tools.map(({ name, version, path, source }) => ({ name, version, path, source })),
    ],
    host: {
      cpus: cpus().length,
      cpuModel: cpus()[0]?.model ?? 'unknown',
      memoryBytes: totalmem(),
      platform: `${platform()} ${release()} ${arch()}`,
    },
  };
}
