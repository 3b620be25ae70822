import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { resolveSpec } from '../../lib/toolchain/resolve-tool.ts';
import type { Tool } from '../../lib/toolchain/tool.ts';
import { startChild } from './support/child.ts';
import { TINY_SPEC } from './support/tiny-spec.ts';
import { createWorkspace } from './support/workspace.ts';
import type { Workspace } from './support/workspace.ts';

let workspace: Workspace;

beforeEach(async () => {
  workspace = await createWorkspace();
});
afterEach(async () => {
  // Whatever was left blocked ends with the gate open.
  await writeFile(gate(), '');
  await workspace[Symbol.asyncDispose]();
});

it('builds once for two processes, the second of which waits', async () => {
  await installGatedGo();
  await using first = startChild(resolveChild(), [workspace.cacheDir], workspace.env);
  await waitFor(() => existsSync(started()));
  await using second = startChild(resolveChild(), [workspace.cacheDir], workspace.env);
  await second.printed('"wait"');
  await writeFile(gate(), '');

  const [builtTool, cachedTool] = await Promise.all([first, second].map(toolOf));
  expect(builtTool).toMatchObject({ source: 'built', version: '2.2.0' });
  expect(cachedTool).toMatchObject({ source: 'cache', path: builtTool?.path });
  expect((await readFile(started(), 'utf8')).trim().split('\n')).toHaveLength(1);
});

it('leaves nothing half-made when it is killed, and the process that waits takes over', async () => {
  await installGatedGo();
  await using first = startChild(resolveChild(), [workspace.cacheDir], workspace.env);
  await waitFor(() => existsSync(started()));
  await using second = startChild(resolveChild(), [workspace.cacheDir], workspace.env);
  await second.printed('"wait"');
  await first.kill();
  // What the killed one leaves is not taken for a build.
  const left = await names();
  expect(left.filter((name) => name.startsWith('2.2.0'))).toEqual([]);
  expect(left.filter((name) => name.startsWith('building-'))).toHaveLength(1);
  await waitFor(async () => (await builders()).length === 2);
  await writeFile(gate(), '');

  expect(await toolOf(second)).toMatchObject({ source: 'built', version: '2.2.0' });
  expect((await names()).map((name) => name.replace(/-.*/, ''))).toEqual(['2.2.0', 'lock.2']);
  await waitFor(async () => (await builders()).every((pid) => !isRunning(pid)));
});

it('kills the compiler and its children on abort, and cleans up', async () => {
  await workspace.installGo(
    `/bin/sleep 600 &\necho $! > '${started()}.tmp'; echo $$ >> '${started()}.tmp'\n/bin/mv '${started()}.tmp' '${started()}'\nwait`,
  );
  const abort = new AbortController();
  const building = resolveSpec(TINY_SPEC, workspace.context({ signal: abort.signal }));
  const outcome = building.catch((error: unknown) => error);
  await waitFor(() => existsSync(started()));
  abort.abort();
  expect(await outcome).toMatchObject({ code: 'aborted', exitCode: 130 });
  await waitFor(async () => (await builders()).every((pid) => !isRunning(pid)));
  expect(await builders()).toHaveLength(2);
  expect(await names()).toEqual(['lock.1']);
});

/** Go whose build notes its id, writes half a binary, waits for the gate file, and only then builds. */
async function installGatedGo(): Promise<void> {
  await workspace.installGo(
    [
      `previous= binary=`,
      `for argument in "$@"; do [ "$previous" = -o ] && binary=$argument; previous=$argument; done`,
      `echo half > "$binary"`,
      `echo $$ >> '${started()}'`,
      `until [ -e '${gate()}' ]; do /bin/sleep 0.05; done`,
      `/bin/rm -f "$binary"`,
    ].join('\n'),
  );
}

async function toolOf(child: ReturnType<typeof startChild>): Promise<Tool> {
  return JSON.parse(await child.printed('"source"')) as Tool;
}

async function builders(): Promise<readonly number[]> {
  return (await readFile(started(), 'utf8')).trim().split('\n').map(Number);
}

async function names(): Promise<readonly string[]> {
  return (await readdir(join(workspace.cacheDir, 'tools', 'k6'))).toSorted();
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitFor(condition: () => boolean | Promise<boolean>): Promise<void> {
  await vi.waitFor(async () => expect(await condition()).toBe(true), { timeout: 20_000, interval: 20 });
}

function gate(): string {
  return join(workspace.folder, 'gate');
}

function started(): string {
  return join(workspace.folder, 'started');
}

function resolveChild(): URL {
  return new URL('./support/resolve-child.ts', import.meta.url);
}
