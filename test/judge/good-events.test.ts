import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goodEvents } from '../../lib/judge/good-events.ts';
import { judgeLatency } from '../../lib/judge/latency.ts';
import { sumHistograms, tallyPhase } from '../../lib/judge/tally.ts';
import { addHistograms, emptyHistogram } from '../../lib/observe/histogram.ts';
import type { OperationWindow } from '../../lib/observe/observations.ts';
import { budget, histogramOf, operation, second, times } from './builders.ts';

const SCOPE = { operation: '*' };
const UNDER_93MS = budget({ kind: 'latency', phase: 'steady', under: '93ms', atLeast: '99%' });
/** In the same bucket as the limit: only counting can tell. */
const NEAR = times(100, 91);

function counted(low: number, high = low, underMs = 93): OperationWindow['within'] {
  return [
    { underMs: 5, low: 0, high: 0 },
    { underMs, low, high },
  ];
}

function good(windows: readonly OperationWindow[]) {
  return goodEvents(tallyPhase([second({ operations: windows })], 'steady', SCOPE), 93);
}

describe('goodEvents', () => {
  test.each<[string, readonly OperationWindow[], ReturnType<typeof goodEvents>]>([
    ['counted', [operation({ okMs: NEAR, within: counted(100) })], { low: 100, high: 100, exact: true }],
    [
      'counted by a coarse clock',
      [operation({ okMs: NEAR, within: counted(90, 97) })],
      { low: 90, high: 97, exact: true },
    ],
    ['not counted', [operation({ okMs: NEAR })], { low: 0, high: 100, exact: false }],
    [
      'counted against another limit',
      [operation({ okMs: NEAR, within: counted(100, 100, 50) })],
      { low: 0, high: 100, exact: false },
    ],
    [
      'one of two counted',
      [operation({ okMs: NEAR, within: counted(98) }), operation({ protocol: 'grpc', okMs: NEAR })],
      { low: 98, high: 198, exact: false },
    ],
    [
      'a window without requests needs no count',
      [operation({ okMs: NEAR, within: counted(100) }), operation({ protocol: 'grpc' })],
      { low: 100, high: 100, exact: true },
    ],
    [
      'a fine histogram is not spoilt by a coarse one',
      [operation({ okMs: NEAR, schema: 6 }), operation({ protocol: 'grpc', okMs: times(10, 5) })],
      { low: 110, high: 110, exact: false },
    ],
    ['failed only, not counted', [operation({ failedMs: [5] })], { low: 0, high: 0, exact: false }],
    ['nothing', [], { low: 0, high: 0, exact: false }],
  ])('%s', (_, windows, expected) => {
    expect(good(windows)).toEqual(expected);
  });

  test('decides a latency budget that a histogram can not', () => {
    const judged = (within: OperationWindow['within']) =>
      judgeLatency('id', UNDER_93MS, [
        second({ operations: [operation({ okMs: NEAR, ...(within === undefined ? {} : { within }) })] }),
      ]);
    expect(judged(undefined)).toMatchObject({ outcome: 'inconclusive', evidence: { exact: false } });
    expect(judged(counted(99))).toMatchObject({
      outcome: 'pass',
      evidence: { exact: true, goodLow: 99, goodHigh: 99 },
    });
    expect(judged(counted(98))).toMatchObject({ outcome: 'fail', evidence: { exact: true } });
    const clock = judged(counted(98, 99));
    expect(clock.outcome).toBe('inconclusive');
    expect(clock.reason).toMatch(/generator's clock/);
  });

  test('never says less than the histogram does about the same events', () => {
    const durations = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(durations, durations, (first, rest) => {
        const exactly = (okMs: readonly number[]) => counted(okMs.filter((ms) => ms <= 93).length);
        const windows = [
          operation({ okMs: first, within: exactly(first) }),
          operation({ okMs: rest, schema: 6, protocol: 'grpc' }),
        ];
        const truth = [...first, ...rest].filter((ms) => ms <= 93).length;
        const { low, high } = good(windows);
        const blind = good(windows.map((window) => ({ ...window, within: [] })));
        expect(blind.low).toBeLessThanOrEqual(low);
        expect(low).toBeLessThanOrEqual(truth);
        expect(truth).toBeLessThanOrEqual(high);
        expect(high).toBeLessThanOrEqual(blind.high);
      }),
    );
  });
});

test('adding many histograms at once is adding them one by one', () => {
  const durations = fc.array(fc.integer({ min: 1, max: 5_000 }), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(durations, fc.constantFrom(3, 6)), { maxLength: 6 }), (list) => {
      const histograms = list.map(([ms, schema]) => histogramOf(ms, schema));
      const expected = histograms.reduce(addHistograms, emptyHistogram());
      const { sum, ...rest } = sumHistograms(histograms);
      const { sum: expectedSum, ...others } = expected;
      expect(rest).toEqual(others);
      expect(sum).toBeCloseTo(expectedSum, 9);
    }),
  );
});
