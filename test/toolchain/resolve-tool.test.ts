import { chmod, cp, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { resolveSpec } from '../../lib/toolchain/resolve-tool.ts';
import { TOOL_SPECS } from '../../lib/toolchain/tool-spec.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';
import { TINY_SPEC } from './support/tiny-spec.ts';
import { createWorkspace } from './support/workspace.ts';
import type { Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(async () => {
  await workspace[Symbol.asyncDispose]();
});

const prints = (version: string): string => `echo "k6 v${version} (go1.26.8, linux/amd64)"`;

describe('the override', () => {
  it('comes before PATH', async () => {
    await workspace.script('k6', prints('2.2.0'));
    const path = await workspace.script('mine', prints('2.3.0'));
    const tool = await resolveTool('k6', context({ CUTOVER_K6: path }));
    expect(tool).toEqual({ name: 'k6', version: '2.3.0', path, source: 'override', why: 'set by CUTOVER_K6' });
  });

  it('is used as given outside the range, and says so', async () => {
    const path = await workspace.script('mine', prints('1.8.1'));
    const tool = await resolveTool('k6', context({ CUTOVER_K6: path }));
    expect(tool).toMatchObject({ version: '1.8.1', path, source: 'override' });
    expect(tool.why).toBe('set by CUTOVER_K6, though 1.8.1 is outside >=2.1.0 <3.0.0');
  });

  it('may be a development build without a version', async () => {
    const path = await workspace.script('mine', 'echo "toxiproxy-server version git"');
    const tool = await resolveTool('toxiproxy-server', context({ CUTOVER_TOXIPROXY_SERVER: path }));
    expect(tool).toMatchObject({ version: 'unknown', path, source: 'override' });
    expect(tool.why).toContain('its version can\'t be told from "toxiproxy-server version git"');
  });

  it.each([
    ['is not there', 'nowhere', 'does not exist'],
    ['is not executable', 'plain', 'EACCES'],
    ['fails', 'failing', 'exited with 3: no such luck'],
  ])('is an error where it %s, whatever else there is', async (_, name, reason) => {
    await workspace.script('k6', prints('2.2.0'));
    await writeFile(join(workspace.bin, 'plain'), '');
    await workspace.script('failing', 'echo "no such luck" >&2; exit 3');
    const given = join(workspace.bin, name);
    await expect(resolveTool('k6', context({ CUTOVER_K6: given }))).rejects.toMatchObject({
      code: 'tool-unusable',
      message: expect.stringContaining(reason) as string,
      hint: expect.stringContaining('CUTOVER_K6') as string,
    });
  });
});

describe('PATH', () => {
  it('gives the first that is in range, and says why not the one before', async () => {
    const old = await workspace.script('k6', prints('1.8.1'));
    await using other = await createWorkspace();
    const path = await other.script('k6', prints('2.4.1'));
    const tool = await resolveTool('k6', context({ PATH: `${workspace.bin}:${other.bin}` }));
    expect(tool).toEqual({
      name: 'k6',
      version: '2.4.1',
      path,
      source: 'path',
      why: `k6 on PATH (${old}): 1.8.1 is outside >=2.1.0 <3.0.0; on PATH and within >=2.1.0 <3.0.0`,
    });
  });
});

describe('the build', () => {
  it('is made where PATH has none in range, then found in the cache', async () => {
    const old = await workspace.script('k6', prints('1.8.1'));
    await workspace.installGo();
    const first = context();
    const built = await resolveSpec(TINY_SPEC, first);
    expect(built).toMatchObject({ name: 'k6', version: '2.2.0', source: 'built' });
    expect(built.path.startsWith(join(workspace.cacheDir, 'tools', 'k6', '2.2.0-'))).toBe(true);
    expect(built.why).toContain(
      `k6 on PATH (${old}): 1.8.1 is outside >=2.1.0 <3.0.0; not built yet; built now from tiny`,
    );
    expect(first.seen.at(-1)).toMatchObject({ tool: 'k6', phase: 'build' });

    const cached = await resolveSpec(TINY_SPEC, context());
    expect(cached).toMatchObject({ version: '2.2.0', path: built.path, source: 'cache' });
  });

  it('needs no Go to be found in the cache', async () => {
    await workspace.installGo();
    const { path } = await resolveSpec(TINY_SPEC, context());
    const tool = await resolveSpec(TINY_SPEC, context({ PATH: '' }));
    expect(tool).toMatchObject({ path, source: 'cache', why: 'not on PATH; built before from tiny 2.2.0' });
  });

  it.each([
    ['is not executable', (path: string) => chmod(path, 0o644), 'EACCES'],
    ['is cut short', (path: string) => truncate(path, 100), 'the cached build is unusable'],
    ['is empty', (path: string) => truncate(path, 0), 'its version can\'t be told from ""'],
    ['is another version', (path: string) => writeFile(path, `#!/bin/sh\n${prints('2.1.0')}\n`), 'says it is 2.1.0'],
  ])('is made again where the cached one %s', async (_, spoil, reason) => {
    await workspace.installGo();
    const { path } = await resolveSpec(TINY_SPEC, context());
    await spoil(path);
    const again = await resolveSpec(TINY_SPEC, context());
    expect(again).toMatchObject({ path, source: 'built' });
    expect(again.why).toContain(reason);
    expect(await resolveSpec(TINY_SPEC, context())).toMatchObject({ path, source: 'cache' });
  });

  it('fails with what Go said, and leaves nothing', async () => {
    await workspace.installGo('echo "main.go:1: no such thing" >&2; exit 1');
    await expect(resolveSpec(TINY_SPEC, context())).rejects.toMatchObject({
      code: 'tool-build-failed',
      hint: expect.stringContaining('main.go:1: no such thing') as string,
    });
    expect(await toolFolderNames()).toEqual(['lock.1']);
  });

  it('refuses what does not say that it is the pinned version', async () => {
    await workspace.installGo();
    const spec = { ...TINY_SPEC, build: { ...TINY_SPEC.build, version: '2.9.9' } };
    await expect(resolveSpec(spec, context())).rejects.toThrow('what was built says it is 2.2.0, not 2.9.9');
    expect(await toolFolderNames()).toEqual(['lock.1']);
  });

  it('refuses a module whose content is not what go.sum says', async () => {
    await workspace.installGo();
    const { build, ...rest } = TOOL_SPECS['toxiproxy-server'];
    const moduleFolder = join(workspace.folder, 'module');
    await cp(build.moduleFolder, moduleFolder, { recursive: true });
    const goSum = await readFile(join(moduleFolder, 'go.sum'), 'utf8');
    const forged = goSum.replace(/(toxiproxy\/v2 v[\d.]+ h1:)..../, '$1AAAA');
    expect(forged).not.toBe(goSum);
    await writeFile(join(moduleFolder, 'go.sum'), forged);
    await expect(resolveSpec({ ...rest, build: { ...build, moduleFolder } }, context())).rejects.toMatchObject({
      code: 'tool-build-failed',
      hint: expect.stringContaining('checksum mismatch') as string,
    });
  });

  it('says where it could not write', async () => {
    await workspace.installGo();
    const blocked = join(workspace.folder, 'file');
    await writeFile(blocked, '');
    await expect(resolveSpec(TINY_SPEC, { ...context(), cacheDir: blocked })).rejects.toMatchObject({
      code: 'tool-build-failed',
      hint: expect.stringContaining('CUTOVER_CACHE') as string,
    });
  });
});

describe('without Go', () => {
  it('says every way to get the tool', async () => {
    const failure = resolveTool('k6', context());
    await expect(failure).rejects.toMatchObject({
      code: 'tool-missing',
      exitCode: 4,
      message: 'k6 is missing (not on PATH; not built yet) and building it takes Go >= 1.25.0: there is no Go on PATH',
      hint: [
        'any one of these:',
        '  install Go >= 1.25.0: https://go.dev/dl/, or: brew install go, apt-get install golang-go, dnf install golang',
        '  put k6 >=2.1.0 <3.0.0 on PATH',
        '  export CUTOVER_K6=/path/to/k6',
      ].join('\n'),
    });
  });

  it('tells a Go that is too old', async () => {
    const path = await workspace.script('go', 'echo "go version go1.24.9 linux/amd64"');
    await expect(resolveTool('k6', context())).rejects.toMatchObject({
      code: 'tool-missing',
      message: expect.stringContaining(`Go >= 1.25.0: ${path} is Go 1.24.9`) as string,
    });
  });
});

it('builds the real toxiproxy-server', { timeout: 180_000 }, async () => {
  await workspace.installGo();
  const tool = await resolveTool('toxiproxy-server', context());
  expect(tool).toMatchObject({ version: '2.12.0', source: 'built' });
  expect(await resolveTool('toxiproxy-server', context())).toMatchObject({ path: tool.path, source: 'cache' });
});

function context(env: NodeJS.ProcessEnv = {}): ReturnType<Workspace['context']> {
  return workspace.context({ env: { ...workspace.env, ...env } });
}

function toolFolderNames(): Promise<string[]> {
  return readdir(join(workspace.cacheDir, 'tools', 'k6'));
}
