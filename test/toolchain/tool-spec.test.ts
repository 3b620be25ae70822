import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOOL_SPECS } from '../../lib/toolchain/tool-spec.ts';
import { isInRange } from '../../lib/toolchain/version.ts';

describe('version patterns', () => {
  it.each([
    ['k6', 'k6 v2.2.0 (go1.26.8, linux/amd64)', '2.2.0'],
    ['k6', 'k6 v1.8.1 (commit/0a1b2c3d, go1.25.1, darwin/arm64)\nExtensions:\n  x v0.1.0', '1.8.1'],
    ['k6', 'k6 v2.3.0-rc1 (go1.27, linux/amd64)', '2.3.0-rc1'],
    ['k6', 'not the load generator 2.2.0', undefined],
    ['toxiproxy-server', 'toxiproxy-server version 2.12.0', '2.12.0'],
    ['toxiproxy-server', 'toxiproxy-server version git', undefined],
  ] as const)('%s: %j', (name, printed, expected) => {
    expect(TOOL_SPECS[name].versionPattern.exec(printed)?.[1]).toBe(expected);
  });
});

describe.each(Object.values(TOOL_SPECS))('the pinned $name', ({ range, build }) => {
  it('is in the range that is accepted from PATH', () => {
    expect(isInRange(build.version, range)).toBe(true);
  });

  it('is the version that go.mod asks for, with its checksum in go.sum', async () => {
    const [module, version] = build.origin.split(' ');
    const goMod = await readFile(join(build.moduleFolder, 'go.mod'), 'utf8');
    const goSum = await readFile(join(build.moduleFolder, 'go.sum'), 'utf8');
    expect(version).toBe(build.version);
    expect(goMod).toContain(`${module} v${version}`);
    expect(goSum).toContain(`${module} v${version} h1:`);
  });
});
