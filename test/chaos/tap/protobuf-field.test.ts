import * as fc from 'fast-check';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import { readStringField } from '../../../chaos/tap/protobuf-field.ts';

const { root } = protobuf.parse(`syntax = "proto3";
  message Line { string sku = 3; }
  message Request { double price = 1; repeated Line lines = 2; string key = 3; fixed32 small = 4; uint64 big = 5; bytes raw = 6; }`);
const Request = root.lookupType('Request');

test('finds the field among all kinds of others', () => {
  fc.assert(
    fc.property(
      fc.record({
        price: fc.double({ noNaN: true }),
        lines: fc.array(fc.record({ sku: fc.string() })),
        key: fc.string({ unit: 'grapheme' }),
        small: fc.nat(),
        big: fc.nat(),
        raw: fc.uint8Array(),
      }),
      (value) => {
        const bytes = Request.encode(Request.create(value)).finish();
        expect(readStringField(bytes, 3)).toBe(value.key === '' ? undefined : value.key);
      },
    ),
  );
});

test('takes the last of several', () => {
  const [first, second] = ['a', 'b'].map((key) => Request.encode({ key }).finish());
  expect(readStringField(Buffer.concat([first ?? [], second ?? []] as Uint8Array[]), 3)).toBe('b');
});

test('says nothing of what is no protobuf, and does not fail', () => {
  const whole = Request.encode({ key: 'a key', big: 7 }).finish();
  expect(readStringField(whole.subarray(0, whole.length - 1), 3)).toBeUndefined();
  fc.assert(fc.property(fc.uint8Array(), (bytes) => void readStringField(bytes, 3)));
});
