import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { followLines } from '../../lib/drive/follow-lines.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-lines-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a file that is not there yet has no lines', () => {
  const newLines = followLines(join(folder, 'later'));
  expect(newLines()).toEqual([]);
  writeFileSync(join(folder, 'later'), 'a\nb');
  expect(newLines()).toEqual(['a']);
  appendFileSync(join(folder, 'later'), 'c\n');
  expect(newLines()).toEqual(['bc']);
  expect(newLines()).toEqual([]);
});

test('each line comes once and whole, however it is written', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.array(fc.nat(40)), (texts, cuts) => {
      const path = join(folder, 'log');
      const lines = texts.map((text) => text.replaceAll('\n', ' '));
      writeFileSync(path, '');
      const newLines = followLines(path);
      let rest = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const seen: string[] = [];
      for (const cut of [...cuts, rest.length]) {
        appendFileSync(path, rest.subarray(0, cut));
        rest = rest.subarray(cut);
        seen.push(...newLines());
      }
      expect(seen).toEqual(lines);
    }),
    { numRuns: 100 },
  );
});

test('a file of many chunks', () => {
  const path = join(folder, 'long');
  const lines = Array.from({ length: 5_000 }, (_, index) => `${index} ${'ä'.repeat(40)}`);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  expect(followLines(path)()).toEqual(lines);
});
