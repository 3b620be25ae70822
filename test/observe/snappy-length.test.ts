import fc from 'fast-check';
import { compress } from 'snappyjs';
import { expect, test } from 'vitest';
import { snappyLength } from '../../lib/observe/snappy-length.ts';

test('the length of any block', () => {
  const text = fc.array(fc.constantFrom('name', 'quote', 'x', 'a longer run of text'), { maxLength: 400 });
  fc.assert(
    fc.property(text, (words) => {
      const bytes = Buffer.from(words.join(''));
      expect(snappyLength(compress(bytes))).toBe(bytes.length);
    }),
  );
});

test.each([
  ['nothing', []],
  ['a literal of 4 GiB in a few bytes', [5, 252, 255, 255, 255, 255, 1, 2]],
  ['a copy from before the start', [4, 1, 9]],
  ['more than the header says', [1, 4, 65, 66]],
  ['less than the header says', [9, 4, 65, 66]],
])('%s is no block', (_, bytes) => {
  expect(snappyLength(Uint8Array.from(bytes))).toBeUndefined();
});
