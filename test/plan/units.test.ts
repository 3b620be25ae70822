import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as units from '../../lib/units.ts';

describe('quantities', () => {
  test.each([
    ['250ms', 250],
    ['1.5s', 1_500],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['', undefined],
    ['10', undefined],
    ['10 s', undefined],
    ['-1s', undefined],
    ['1s!', undefined],
  ])('duration %j is %j ms', (text, ms) => {
    expect(units.parseDurationMs(text)).toBe(ms);
  });

  test.each([
    ['64MiB', 67_108_864],
    ['1.5GiB', 1_610_612_736],
    ['10kB', 10_000],
    ['10KB', undefined],
    ['10', undefined],
  ])('size %j is %j bytes', (text, bytes) => {
    expect(units.parseSizeBytes(text)).toBe(bytes);
  });

  test.each([
    ['200/s', 200],
    ['6000/m', 100],
    ['0.5/s', 0.5],
    ['200', undefined],
    ['200/d', undefined],
  ])('rate %j is %j a second', (text, rate) => {
    expect(units.parseRatePerSecond(text)).toBe(rate);
  });

  test.each([
    ['99.9%', 0.999],
    ['100%', 1],
    ['0%', 0],
    ['0.1%', 0.001],
    ['101%', undefined],
    ['99.9', undefined],
  ])('percentage %j is the ratio %j', (text, ratio) => {
    expect(units.parseRatio(text)).toBe(ratio);
  });

  test.each([
    ['0.5 cores', 0.5],
    ['1 core', 1],
    ['500m', undefined],
  ])('%j is %j cores', (text, cores) => {
    expect(units.parseCores(text)).toBe(cores);
  });

  test('a formatted duration reads back within its rounding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_400_000 }), (ms) => {
        const back = units.parseDurationMs(units.formatDuration(ms));
        expect(back).toBeDefined();
        // Two decimals of a minute, for anything of two minutes and more.
        expect(Math.abs((back ?? 0) - ms)).toBeLessThanOrEqual(ms < 120_000 ? 1 : 300);
      }),
    );
  });

  test('a formatted ratio reads back within its rounding', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (ratio) => {
        expect(units.parseRatio(units.formatRatio(ratio))).toBeCloseTo(ratio, 5);
      }),
    );
  });
});
