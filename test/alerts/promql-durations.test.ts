import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPrometheusMs, lookbacksMs, parsePrometheusMs, scaleExpr } from '../../lib/alerts/promql-durations.ts';

test.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['250ms', 250],
  ['3d', 259_200_000],
  ['0', 0],
  ['5', undefined],
  ['1.5h', undefined],
  ['', undefined],
])('%j is %s ms', (text, ms) => expect(parsePrometheusMs(text)).toBe(ms));

test('what is formatted is read as the same time', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (ms) => {
      expect(parsePrometheusMs(formatPrometheusMs(ms))).toBe(ms);
    }),
  );
});

describe('an expression in a time that passes faster', () => {
  test.each([
    ['a range', 'rate(x[5m]) > 0.1', 'rate(x[2s]) > 0.1'],
    ['a subquery and its step', 'max_over_time(rate(x[5m])[1h:5m])', 'max_over_time(rate(x[2s])[24s:2s])'],
    ['a subquery without a step', 'avg_over_time(y[1h:])', 'avg_over_time(y[24s:])'],
    ['an offset', 'x offset 5m - x OFFSET -1h', 'x offset 2s - x OFFSET -24s'],
    ['not what stands in a string', 'x{a="[5m]", b=\'offset 5m\'}[5m]', 'x{a="[5m]", b=\'offset 5m\'}[2s]'],
    ['not an escaped quote', String.raw`x{a="\"[5m]"}[5m]`, String.raw`x{a="\"[5m]"}[2s]`],
    ['not a comment', 'x[5m] # over [5m]', 'x[2s] # over [5m]'],
    ['not a metric that is named like one', 'offset_5m > 3', 'offset_5m > 3'],
  ])('%s', (_, expr, scaled) => expect(scaleExpr(expr, 150)).toBe(scaled));

  test('by one it is the same', () => {
    const text = fc.array(fc.constantFrom('rate(', 'x', '[5m]', '"[1h]"', ' offset 7m', ')', ' > 2', '[1d:1h]', "'"));
    fc.assert(
      fc.property(text, (parts) => {
        expect(scaleExpr(parts.join(''), 1)).toBe(parts.join(''));
      }),
    );
  });
});

test('how far expressions look back', () => {
  expect(lookbacksMs('rate(x[5m]) / y offset 1h > z{a="[9d]"}')).toEqual([300_000, 3_600_000]);
});
