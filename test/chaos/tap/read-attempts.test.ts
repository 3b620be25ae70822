import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readAttempts } from '../../../chaos/tap/read-attempts.ts';

const ATTEMPT = { edge: 'e', startMs: 1.5, endMs: 2.5, operation: 'GET /ä', outcome: 'answered', status: 200 } as const;
const LINE = JSON.stringify(ATTEMPT);

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-attempts-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function read(text: string): Promise<unknown[]> {
  const path = join(folder, 'attempts.ndjson');
  await writeFile(path, text);
  return await readAttempts(path);
}

test('reads whole lines, and leaves out one that was cut', async () => {
  expect(await read(`${LINE}\n${LINE}\n`)).toEqual([ATTEMPT, ATTEMPT]);
  expect(await read(`${LINE}\n${LINE.slice(0, 20)}`)).toEqual([ATTEMPT]);
  // Whole by chance, but who can tell: its line end is missing.
  expect(await read(`${LINE}\n${LINE}`)).toEqual([ATTEMPT]);
  expect(await read('')).toEqual([]);
});

test('reads files that are longer than one piece', async () => {
  expect(await read(`${LINE}\n`.repeat(5_000))).toHaveLength(5_000);
});
