import { expect, test } from 'vitest';
import { readKeys } from '../../scenarios/support/own-keys.ts';

test.each([
  ['a column of strings', 'sku,price\nA-1,3\nB-2,4\n', undefined, ['A-1', 'B-2']],
  ['a named column', 'sku,price\nA-1,3\nB-2,4\n', 'price', ['3', '4']],
  ['line ends of Windows, and empty lines', 'sku\r\nA\r\n\r\nB\r\n', 'sku', ['A', 'B']],
  ['quotes', 'id,"the ""sku"""\n1,"A,1"\n2," B "\n', 'the "sku"', ['A,1', ' B ']],
  ['a line end in quotes', 'note,id\n"two\nlines",7\n', 'id', ['7']],
  ['no line end at the end', 'sku\nA', 'sku', ['A']],
  ['an empty cell beside it', 'a,b,c\n,x,\n,y,\n', 'b', ['x', 'y']],
  ['a byte order mark', '\uFEFFsku\nA\n', 'sku', ['A']],
  ['JSON strings and numbers', '["A", 7]', undefined, ['A', '7']],
  ['JSON objects', ' [{"sku": "A"}, {"sku": 2}]', 'sku', ['A', '2']],
])('%s', (_, text, column, keys) => {
  expect(readKeys(text, 'keys.csv', column)).toEqual(keys);
});

test.each([
  ['no keys', 'sku\n', undefined, 'k.csv: holds no keys'],
  ['nothing', '', undefined, 'k.csv: holds no keys'],
  ['an empty JSON list', '[]', undefined, 'k.csv: holds no keys'],
  ['no such column', 'sku,price\nA,1\n', 'name', 'k.csv: has no column "name" (it has sku, price)'],
  ['an empty cell', 'sku,price\nA,1\n,2\n', 'sku', 'k.csv: line 3 has no key'],
  ['an empty cell after a cell of two lines', 'note,sku\n"a\nb",1\n\nx,\n', 'sku', 'k.csv: line 5 has no key'],
  ['a quote within a cell', 'sku\nA"1"\n', 'sku', 'k.csv: line 2 has a quote in the wrong place'],
  ['broken JSON', '["A",', undefined, /^k\.csv: is no JSON: /],
  ['a JSON object without the key', '[{"a": 1}]', 'sku', 'k.csv: element 0 has no key "sku"'],
  ['JSON of something else', '[null]', undefined, 'k.csv: element 0 has no key'],
])('%s is an error that names the file', (_, text, column, message) => {
  expect(() => readKeys(text, 'k.csv', column)).toThrow(message);
});
