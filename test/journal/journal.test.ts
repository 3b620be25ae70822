import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBrokenLink, openJournal } from '../../lib/journal/journal.ts';

function write(events: readonly (readonly [string, Record<string, unknown>])[]): string {
  const path = join(mkdtempSync(join(tmpdir(), 'cutover-journal-')), 'journal.ndjson');
  using journal = openJournal(path, () => new Date(0));
  for (const [type, data] of events) journal.record(type, data);
  return readFileSync(path, 'utf8');
}

test('every event is in the file when record returns, and the chain holds', () => {
  const text = write([
    ['a', { x: 1 }],
    ['b', { text: 'zwei\nZeilen "quoted"' }],
    ['c', {}],
  ]);
  expect(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { type: string }).type),
  ).toEqual(['a', 'b', 'c']);
  expect(findBrokenLink(text)).toBeUndefined();
});

test('a line that is changed, removed or swapped breaks the chain there', () => {
  const lines = write(Array.from({ length: 6 }, (_, i) => ['event', { i }] as const))
    .trim()
    .split('\n');
  fc.assert(
    fc.property(fc.nat(5), fc.constantFrom('change', 'remove', 'swap'), (index, how) => {
      const changed = [...lines];
      if (how === 'change') changed[index] = (changed[index] ?? '').replace('"event"', '"forged"');
      if (how === 'remove') changed.splice(index, 1);
      if (how === 'swap')
        [changed[index], changed[(index + 1) % 6]] = [changed[(index + 1) % 6] ?? '', changed[index] ?? ''];
      const broken = findBrokenLink(changed.join('\n'));
      // Cutting lines off the end can't be seen from inside; the verdict's own record of the end shows it.
      if (how === 'remove' && index === 5) expect(broken).toBeUndefined();
      else expect(broken).toBe(how === 'swap' && index === 5 ? 0 : index);
    }),
  );
});

test('a line cut short by a crash is reported, and not the lines before it', () => {
  const text = write([
    ['a', {}],
    ['b', {}],
  ]);
  expect(findBrokenLink(text.slice(0, -20))).toBe(1);
});
