import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HpackError, hpackDecoder, prefixed } from '../../../../chaos/tap/hpack/decoder.ts';
import { encodeFields } from '../../../../chaos/tap/hpack/encoder.ts';
import { decodeHuffman } from '../../../../chaos/tap/hpack/huffman.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
type Decoder = ReturnType<typeof hpackDecoder>;
const pairs = (decoder: Decoder, block: Uint8Array): string[] =>
  decoder.decode(block).map(({ name, value }) => `${name}: ${value}`);

/** RFC 7541, C.4 and C.6: requests and answers with Huffman codes on one connection (the latter with a table of 256 bytes). */
const REQUESTS = [
  ['828684418cf1e3c2e5f23a6ba0ab90f4ff', ':method: GET|:scheme: http|:path: /|:authority: www.example.com'],
  [
    '828684be5886a8eb10649cbf',
    ':method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache',
  ],
  [
    '828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf',
    ':method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value',
  ],
] as const;
const ANSWERS = [
  [
    '488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3',
    ':status: 302|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com',
  ],
  [
    '4883640effc1c0bf',
    ':status: 307|cache-control: private|date: Mon, 21 Oct 2013 20:13:21 GMT|location: https://www.example.com',
  ],
] as const;

describe('the examples of RFC 7541', () => {
  test('requests', () => {
    const decoder = hpackDecoder();
    for (const [hex, expected] of REQUESTS) expect(pairs(decoder, bytes(hex)).join('|')).toBe(expected);
  });
  test('answers with a small table, from which entries fall out', () => {
    const decoder = hpackDecoder();
    decoder.decode(prefixed(0x20, 5, 256));
    for (const [hex, expected] of ANSWERS) expect(pairs(decoder, bytes(hex)).join('|')).toBe(expected);
    // The status 302 has been evicted by 307: index 65 is the oldest that is left.
    expect(pairs(decoder, bytes('c1'))).toEqual(['cache-control: private']);
    expect(() => decoder.decode(bytes('c2'))).toThrow(HpackError);
  });
});

test('what was decoded says the same without a table', () => {
  const decoder = hpackDecoder();
  for (const [hex, expected] of REQUESTS) {
    const wires = decoder.decode(bytes(hex)).map(({ wire }) => wire);
    expect(pairs(hpackDecoder(), Buffer.concat(wires)).join('|')).toBe(expected);
  }
  // A literal that may never be indexed stays one.
  const [field] = decoder.decode(bytes('100870617373776f726406736563726574'));
  expect(Buffer.from(field?.wire ?? []).toString('hex')).toBe('100870617373776f726406736563726574');
});

test('encoded fields decode to the same', () => {
  const name = fc.constantFrom(':status', 'content-type', 'x-own', 'grpc-status');
  const value = fc.oneof(
    fc.constantFrom('200', ''),
    fc.string({ maxLength: 400 }).map((text) => Buffer.from(text).toString('latin1')),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (fields) => {
      const decoded = hpackDecoder().decode(encodeFields(fields));
      expect(decoded.map((field) => [field.name, field.value])).toEqual(fields);
    }),
  );
});

test('any bytes can be decoded, or are refused', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (blocks) => {
      const decoder = hpackDecoder();
      try {
        for (const block of blocks) decoder.decode(block);
      } catch (error) {
        expect(error).toBeInstanceOf(HpackError);
      }
    }),
  );
});

test('few bytes that stand for very many are refused', () => {
  const decoder = hpackDecoder();
  decoder.decode(Buffer.concat([bytes('4001 78'.replace(' ', '')), prefixed(0, 7, 4_000), Buffer.alloc(4_000, 'v')]));
  expect(() => decoder.decode(Buffer.alloc(2_000, 0xbe))).toThrow(new HpackError('too-large'));
});

test.each([
  ['f1e3c2e5f23a6ba0ab90f4ff', 'www.example.com'],
  ['07', '0'],
  ['', ''],
  // Padding that is not of ones, padding of a whole byte, and the end-of-string code.
  ['00', undefined],
  ['07ff', undefined],
  ['ffffffff', undefined],
])('Huffman codes %s: %j', (hex, expected) => {
  expect(decodeHuffman(bytes(hex))).toBe(expected);
});
