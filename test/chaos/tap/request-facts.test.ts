import { expect, test } from 'vitest';
import { grpcTimeoutMs, pathOf, plainTimeoutMs, traceIdOf } from '../../../chaos/tap/request-facts.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

test.each([
  [`00-${TRACE}-${SPAN}-01`, TRACE],
  [`cc-${TRACE}-${SPAN}-01-what-the-future-will-bring`, TRACE],
  [`00-${TRACE}-${SPAN}-01-more`, undefined],
  [`ff-${TRACE}-${SPAN}-01`, undefined],
  [`00-${TRACE.toUpperCase()}-${SPAN}-01`, undefined],
  [`00-${'0'.repeat(32)}-${SPAN}-01`, undefined],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, undefined],
  [`00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`, undefined],
  ['', undefined],
  [undefined, undefined],
])('traceparent %s: %s', (text, expected) => {
  expect(traceIdOf(text)).toBe(expected);
});

test.each([
  ['250m', 250],
  ['1S', 1_000],
  ['2M', 120_000],
  ['1H', 3_600_000],
  ['1500u', 1.5],
  ['499977u', 499.977],
  ['99999999n', 99.999999],
  ['123456789m', undefined],
  ['1.5S', undefined],
  ['S', undefined],
  [undefined, undefined],
])('grpc-timeout %s: %s ms', (text, expected) => {
  expect(grpcTimeoutMs(text)).toBe(expected);
});

test.each([
  ['300', 300],
  ['0.5', 0.5],
  ['-1', undefined],
  ['soon', undefined],
])('timeout header %s: %s ms', (text, expected) => {
  expect(plainTimeoutMs(text)).toBe(expected);
});

test.each([
  ['/v1/quotes?x=1', '/v1/quotes'],
  ['/v1/quotes', '/v1/quotes'],
  ['http://shop:80/v1/quotes?x=http://y/z', '/v1/quotes'],
  ['http://shop', '/'],
  ['http://shop?x', '/'],
  ['*', '*'],
])('path of %s: %s', (target, expected) => {
  expect(pathOf(target)).toBe(expected);
});
