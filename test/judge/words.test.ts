import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytes,
  cores,
  count,
  cpuMilliseconds,
  exactMilliseconds,
  milliseconds,
  perSecond,
  percent,
  percentRange,
  quantileName,
} from '../../lib/judge/words.ts';

describe('words', () => {
  test.each([
    [percent(0.9993), '99.93 %'],
    [percent(0.98999), '99 %'],
    [percent(0.98999, 0.99), '98.999 %'],
    [percent(0.99, 0.99), '99 %'],
    [percentRange(0.9993, 0.9997), '99.93 – 99.97 %'],
    [percentRange(1, 1), '100 %'],
    [milliseconds(0.1234), '0.123 ms'],
    [milliseconds(4.137), '4.14 ms'],
    [milliseconds(41.37), '41.4 ms'],
    [milliseconds(413.7), '414 ms'],
    [milliseconds(1_234), '1.23 s'],
    [milliseconds(12_345), '12.3 s'],
    [exactMilliseconds(2_500), '2.5 s'],
    [exactMilliseconds(62.5), '62.5 ms'],
    [bytes(64 * 1024 ** 2), '64 MiB'],
    [bytes(64 * 1024 ** 2 + 1, 64 * 1024 ** 2), '64.000001 MiB'],
    [bytes(3 * 1024 ** 3), '3 GiB'],
    [bytes(2_048), '2 KiB'],
    [bytes(10), '10 B'],
    [bytes(-3 * 1024 ** 2), '-3 MiB'],
    [cpuMilliseconds(0.42131), '0.421 ms of CPU'],
    [perSecond(135.26), '135.3/s'],
    [perSecond(20.04, 20), '20.04/s'],
    [quantileName(0.999), 'p99.9'],
    [count(2, 'switch', 'switches'), '2 switches'],
    [cores(0.256), '0.26 cores'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });

  test('a share never reads as if it were on the other side of the limit', () => {
    const counts = fc.integer({ min: 1, max: 100_000 });
    fc.assert(
      fc.property(fc.nat(100_000), counts, fc.nat(1_000), (good, total, limit) => {
        const [ratio, atLeast] = [Math.min(1, good / total), limit / 1_000];
        const shown = Number(percent(ratio, atLeast).slice(0, -2));
        expect(Number((shown / 100).toPrecision(12)) >= atLeast).toBe(ratio >= atLeast);
      }),
    );
  });
});
