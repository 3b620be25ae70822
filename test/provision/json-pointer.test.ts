import { expect, test } from 'vitest';
import { readPointer } from '../../lib/provision/json-pointer.ts';

// The document and pointers of RFC 6901, section 5, where they name one value.
const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'm~n': 8, ' ': 7, '~1': 9 };

test.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/c%d', 2],
  ['/m~0n', 8],
  ['/ ', 7],
  ['/~01', 9],
  ['/foo/2', undefined],
  ['/foo/length/x', undefined],
  ['/toString', undefined],
])('%s', (pointer, expected) => {
  expect(readPointer(document, pointer)).toEqual(expected);
});
