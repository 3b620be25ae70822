import { afterEach, beforeEach, expect, test } from 'vitest';
import { diagnoseProgram, requireProgram } from '../../lib/toolchain/program.ts';
import { PROMETHEUS, PROMTOOL } from '../../lib/toolchain/prometheus.ts';
import { type Workspace, createWorkspace } from './support/workspace.ts';

let workspace: Workspace;
beforeEach(async () => void (workspace = await createWorkspace()));
afterEach(() => workspace[Symbol.asyncDispose]());

test('a program that is there is a tool of the run', async () => {
  const path = await workspace.script('prometheus', 'echo "prometheus, version 2.42.0+ds (branch: debian/sid)"');
  expect(await requireProgram(PROMETHEUS, workspace.context())).toMatchObject({
    name: 'prometheus',
    version: '2.42.0+ds',
    path,
    source: 'path',
  });
});

test('one that is missing, or too old, is an error with how to get it', async () => {
  await workspace.script('promtool', 'echo "promtool, version 2.15.2 (branch: HEAD)"');
  await expect(requireProgram(PROMETHEUS, workspace.context())).rejects.toMatchObject({
    code: 'tool-missing',
    exitCode: 4,
    message: 'prometheus, for experiments with `alerts`: not on PATH',
    hint: expect.stringContaining('apt-get install prometheus') as string,
  });
  await expect(requireProgram(PROMTOOL, workspace.context())).rejects.toMatchObject({
    code: 'tool-unusable',
    message: expect.stringContaining('2.15.2 is outside >=2.30.0') as string,
  });
});

test('a program may be in folders off PATH, the newest first', async () => {
  const path = await workspace.script('server', 'echo "server 15.2"');
  const program = { ...PROMETHEUS, name: 'server', commands: ['server'], versionPattern: /server (\S+)/ };
  const context = { ...workspace.context(), env: { ...workspace.env, PATH: '/nowhere' } };
  const { range: _range, ...any } = program;
  expect(await diagnoseProgram(any, context)).toMatchObject({ status: 'missing' });
  const folders = [`${workspace.folder}/b*`];
  expect(await diagnoseProgram({ ...any, folders }, context)).toMatchObject({ status: 'ok', path, version: '15.2' });
});
