import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findExecutable } from '../../../chaos/drivers/find-executable.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutover-path-'));
  for (const folder of ['a', 'b']) await mkdir(join(root, folder, 'folder'), { recursive: true });
  await writeFile(join(root, 'a', 'plain'), '');
  await writeFile(join(root, 'b', 'plain'), '');
  await writeFile(join(root, 'b', 'tool'), '');
  await chmod(join(root, 'b', 'tool'), 0o755);
  await chmod(join(root, 'b', 'plain'), 0o755);
});
afterAll(() => rm(root, { recursive: true, force: true }));

test.each([
  ['tool', { state: 'found', path: 'b/tool' }],
  // A file that cannot be run does not hide one that can.
  ['plain', { state: 'found', path: 'b/plain' }],
  ['folder', { state: 'missing' }],
  ['nothing', { state: 'missing' }],
  ['./b/tool', { state: 'found', path: 'b/tool' }],
  ['a/plain', { state: 'not-executable', path: 'a/plain' }],
  ['./tool', { state: 'missing' }],
])('%s', (word, expected) => {
  const found = findExecutable(word, root, `${root}/a:${root}/b`);
  expect(found).toEqual('path' in expected ? { ...expected, path: join(root, expected.path) } : expected);
});
