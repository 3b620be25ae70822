import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bufPath, protoChanges } from '../../../chaos/drivers/buf.ts';

const MESSAGE =
  'syntax = "proto3"; package a; message M { string one = 1; int64 two = 2; } service S { rpc Do(M) returns (M); }';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'cutover-test-'))));
afterEach(() => rm(folder, { recursive: true }));

/** What changed from one .proto to another. */
async function changes(before: string, after: string, rules = 'PACKAGE'): Promise<readonly string[]> {
  const [previous, current] = await Promise.all(
    [before, after].map(async (text) => {
      const into = await mkdtemp(join(folder, 'proto-'));
      await writeFile(join(into, 'a.proto'), text);
      return into;
    }),
  );
  const options = { cacheDir: folder, signal: new AbortController().signal };
  const found = await protoChanges({ previous: previous ?? '', current: current ?? '', rules }, options);
  return found.map(({ rule, where, certain }) => `${rule} ${where} ${certain}`);
}

test.each<[string, string, readonly string[]]>([
  ['nothing', MESSAGE, []],
  ['a new field', MESSAGE.replace('int64 two = 2;', 'int64 two = 2; bool three = 3;'), []],
  ['a field less', MESSAGE.replace('int64 two = 2;', ''), ['FIELD_NO_DELETE a.proto:1 true']],
  ['another type', MESSAGE.replace('int64', 'string'), ['FIELD_SAME_TYPE a.proto:1 true']],
  ['a call less', MESSAGE.replace('rpc Do(M) returns (M);', ''), ['RPC_NO_DELETE a.proto:1 true']],
])('%s', async (_, after, found) => {
  expect(await changes(MESSAGE, after)).toEqual(found);
});

test('what is on the wire stays the same when a name does not', async () => {
  const renamed = MESSAGE.replace('two', 'second');
  expect(await changes(MESSAGE, renamed, 'WIRE')).toEqual([]);
  expect(await changes(MESSAGE, renamed)).toEqual([
    'FIELD_SAME_JSON_NAME a.proto:1 true',
    'FIELD_SAME_NAME a.proto:1 true',
  ]);
});

test('a file that is none is told of', async () => {
  await expect(changes(MESSAGE, 'syntax = "proto3"; message {')).rejects.toMatchObject({
    code: 'buf-failed',
    message: expect.stringMatching(/a\.proto:1/) as string,
  });
});

test('without a program for the platform it is looked for on PATH', async () => {
  expect(bufPath('plan9', 'mips')).toBe('buf');
  expect(bufPath(process.platform, process.arch)).toMatch(/@bufbuild.*buf/);
});
