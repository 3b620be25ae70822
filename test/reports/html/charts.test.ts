import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allCharts, chartDataOf, frameOf, latencyCharts, resourceCharts } from '../../../reports/html/charts/chart.ts';
import { describeChart } from '../../../reports/html/charts/describe.ts';
import { linePath } from '../../../reports/html/charts/path.ts';
import { position, timeTicks, valueRange, valueTicks } from '../../../reports/html/charts/scale.ts';
import { failed, passed } from '../fixtures.ts';

const FRACTIONS = { min: 0, max: 1 };

describe('charts', () => {
  test('show load, every operation, errors, resources and start lag', () => {
    expect(allCharts(failed()).map(({ id, title }) => `${id} ${title}`)).toEqual([
      'load Load',
      'latency-0 ledger-append',
      'latency-1 ledger-get',
      'latency-2 order-get',
      'latency-3 order-place',
      'latency-4 quote',
      'errors Failed requests',
      'cpu CPU',
      'memory Memory',
      'heap Heap',
      'gc-pause Garbage collection',
      'start-lag Start lag',
    ]);
  });

  test('heap, collection and start lag only where there is data', () => {
    const { timeline, ...rest } = passed();
    const silent = { heap: { engine: [null] }, gcPause: {}, startLag: [null, null] };
    expect(
      allCharts({ ...rest, timeline: { ...timeline, ...silent } })
        .map(({ id }) => id)
        .slice(-2),
    ).toEqual(['cpu', 'memory']);
  });

  test('are logarithmic, all of them, when one operation spreads widely', () => {
    expect(latencyCharts(passed()).map(({ logarithmic }) => logarithmic)).toEqual(Array(5).fill(false));
    expect(latencyCharts(failed()).map(({ logarithmic }) => logarithmic)).toEqual(Array(5).fill(true));
  });

  test('a source has one colour, the machine is muted', () => {
    const [cpu, memory] = resourceCharts(passed()).map(
      ({ lines }) => new Map(lines.map(({ label, tone }) => [label, tone])),
    );
    expect(cpu?.get('machine')).toBe('muted');
    for (const [source, tone] of memory ?? []) expect(cpu?.get(source)).toBe(tone);
    expect(new Set(memory?.values()).size).toBe(memory?.size);
  });

  test('reach to the planned end also where the run ended early', () => {
    const { timeline, phases } = passed();
    expect(frameOf({ timeline: { ...timeline, t: [0, 1, 2] }, phases, faults: [] }).endSeconds).toBe(60);
    expect(frameOf({ timeline: { ...timeline, t: [] }, phases: [], faults: [] }).endSeconds).toBe(1);
  });

  test('are described with their figures and faults', () => {
    const verdict = failed();
    const quote = latencyCharts(verdict).find(({ title }) => title === 'quote');
    if (quote === undefined) throw new Error('the fixture has the operation "quote"');
    expect(describeChart(quote, frameOf(chartDataOf(verdict)))).toMatch(
      /^quote, 01:07 long: p50 .* ms to .* ms; .*; p99 .* ms to 1\.\d+ s\. Faults: slow-pricing 00:20 to 00:35, no-pricing 00:45 to 00:57\.$/,
    );
  });
});

describe('linePath', () => {
  test.each([
    ['a line', [0, 1, 0.5], 'M0 1000h0L500 0L1000 500'],
    ['a gap', [0, null, 1], 'M0 1000h0M1000 0h0'],
    ['nothing', [null, null, null], ''],
  ])('%s', (_name, values, expected) => {
    expect(linePath([0, 1, 2], values, { min: 0, max: 2 }, FRACTIONS, false)).toBe(expected);
  });
});

describe('scales', () => {
  test.each([
    [{ min: 0, max: 129.6 }, 'perSecond', false, [0, 50, 100]],
    [{ min: 0, max: 1 }, 'cores', false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [{ min: 0, max: 200 * 1024 ** 2 }, 'bytes', false, [0, 64, 128, 192].map((mebi) => mebi * 1024 ** 2)],
    [{ min: 1.5, max: 1_400 }, 'ms', true, [10, 100, 1_000]],
    [{ min: 1.5, max: 22 }, 'ms', true, [2, 5, 10, 20]],
  ] as const)('ticks of %j in %s', (range, unit, logarithmic, expected) => {
    expect(valueTicks(range, unit, logarithmic)).toEqual(expected);
  });

  test.each([
    [67, 6, [0, 15, 30, 45, 60]],
    [3, 6, [0, 1, 2, 3]],
    [259_200, 6, [0, 43_200, 86_400, 129_600, 172_800, 216_000, 259_200]],
  ])('%d s with about %d ticks', (end, most, expected) => {
    expect(timeTicks(0, end, most)).toEqual(expected);
  });

  test('everything shown lies in the plot, and there are some ticks but not many', () => {
    const value = fc.double({ min: 0.001, max: 1e12, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 1 }),
        fc.boolean(),
        fc.constantFrom('ms' as const, 'bytes' as const),
        (values, logarithmic, unit) => {
          const range = valueRange({ lines: [{ label: '', tone: 0, dashed: false, values }], logarithmic });
          for (const one of values) {
            const share = position(one, range, logarithmic);
            expect(share).toBeGreaterThanOrEqual(0);
            expect(share).toBeLessThanOrEqual(1);
          }
          const ticks = valueTicks(range, unit, logarithmic);
          expect(ticks.length).toBeLessThanOrEqual(20);
          if (!logarithmic) expect(ticks.length).toBeGreaterThanOrEqual(1);
          for (const tick of ticks) expect(position(tick, range, logarithmic)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test('without a value above 0 there still is a scale', () => {
    expect(valueRange({ lines: [], logarithmic: false })).toEqual({ min: 0, max: 1 });
    expect(
      valueRange({ lines: [{ label: '', tone: 0, dashed: false, values: [0, null] }], logarithmic: true }),
    ).toEqual({ min: 1, max: 10 });
  });
});
