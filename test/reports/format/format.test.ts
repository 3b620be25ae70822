import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Unit,
  formatClock,
  formatFigure,
  formatLength,
  formatMoment,
  formatPercent,
} from '../../../reports/format/figures.ts';
import { bySeverity, countOutcomes, subjectOf, withoutOutcome } from '../../../reports/format/outcomes.ts';
import { keepFiguresTogether, plainText } from '../../../reports/format/plain-text.ts';
import { HOSTILE, failed } from '../fixtures.ts';

test.each<[number | null | undefined, Unit, string]>([
  [0, 'ms', '0 ms'],
  [0.12345, 'ms', '0.123 ms'],
  [4.137, 'ms', '4.14 ms'],
  [999.4, 'ms', '999 ms'],
  [999.6, 'ms', '1 s'],
  [12_345, 'ms', '12.3 s'],
  [1_023, 'bytes', '1,023 B'],
  [1_023.6, 'bytes', '1 KiB'],
  [67_108_864, 'bytes', '64 MiB'],
  [1.5 * 1024 ** 3, 'bytes', '1.5 GiB'],
  [5_000 * 1024 ** 4, 'bytes', '5,000 TiB'],
  [0.251, 'cores', '0.251 cores'],
  [1, 'cores', '1 core'],
  [199.6, 'perSecond', '200/s'],
  [1_234_567, 'count', '1,234,567'],
  [undefined, 'ms', '–'],
  [null, 'bytes', '–'],
  [Number.NaN, 'cores', '–'],
  [Number.POSITIVE_INFINITY, 'ms', '–'],
])('%s as %s reads %s', (value, unit, expected) => {
  expect(formatFigure(value, unit)).toBe(expected);
});

test.each([
  [formatPercent(0.012_34), '1.23 %'],
  [formatPercent(Number.NaN), '–'],
  [formatLength(4_137), '4.14 s'],
  [formatLength(95_000), '1 min 35 s'],
  [formatLength(3_600_000), '1 h'],
  [formatLength(Number.NaN), '–'],
  [formatClock(72.9), '01:12'],
  [formatClock(3_700), '1:01:40'],
  [formatClock(-1), '00:00'],
  [formatMoment('2026-11-24T06:38:15.123Z'), '2026-11-24 06:38:15 UTC'],
])('%s is %s', (actual, expected) => {
  expect(actual).toBe(expected);
});

describe('plainText', () => {
  test.each([
    [HOSTILE.ansi, 'red bell'],
    [HOSTILE.lines, 'first line second line tabnullreversed'],
    ['\u009B31mC1', '31mC1'],
    ['a\uD800b', 'a\uFFFDb'],
    ['emoji 😀 stays', 'emoji 😀 stays'],
  ])('%j → %j', (text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  test('is one line without control characters, and cleaning twice changes nothing more', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('\u001B', '[', ']', '3', '1', 'm', '\u0007', '\n', 'a', '\u009B', '\\', '\u202E'),
        }),
        (text) => {
          const plain = plainText(text);
          expect(plain).not.toMatch(/[\p{Cc}\u202A-\u202E]/u);
          expect(plainText(plain)).toBe(plain);
        },
      ),
    );
  });
});

test('figures stay together, words do not', () => {
  expect(keepFiguresTogether('≥ 99 % under 50 ms in steady')).toBe('≥\u00A099\u00A0% under 50\u00A0ms in steady');
  expect(keepFiguresTogether('3 seconds, 4 maybe')).toBe('3 seconds, 4 maybe');
});

describe('outcomes', () => {
  test('are counted with the worst first', () => {
    expect(countOutcomes(['pass', 'fail', 'pass'])).toBe('1 failed, 2 passed');
    expect(countOutcomes([])).toBe('no checks');
  });

  test('order checks, and leave the order otherwise', () => {
    const ordered = bySeverity(failed().checks);
    expect(ordered.map(({ outcome }) => outcome)).toEqual([
      'fail',
      'fail',
      'inconclusive',
      'pass',
      'pass',
      'pass',
      'pass',
    ]);
    expect(ordered.at(-1)?.id).toBe('generator');
  });

  test('are taken off a sentence only where they are', () => {
    expect(withoutOutcome('fail: slow', 'fail')).toBe('slow');
    expect(withoutOutcome('failing is no prefix', 'fail')).toBe('failing is no prefix');
  });

  test('have a subject', () => {
    const [check] = failed().checks;
    if (check === undefined) throw new Error('the fixture has checks');
    expect(subjectOf({ ...check, operation: '*', protocol: 'grpc', phase: 'steady' })).toBe(
      'all operations over grpc in steady',
    );
  });
});
