import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KIND_NAMES, kindOf } from '../../lib/sweep/kinds.ts';
import { intensityOf, ladderOf, sorted } from '../../lib/sweep/ladder.ts';

const ladders = KIND_NAMES.map((name) => [name, ladderOf(name)] as const);
const adjustable = ladders.filter(([name]) => kindOf(name).quantity !== undefined);

describe('the built-in ladders', () => {
  test.each(ladders)('%s goes from mild to severe, and reads as it is written', (name, ladder) => {
    expect(ladder.map(({ text }) => text)).toEqual(kindOf(name).ladder);
    expect(sorted(name, ladder)).toEqual(ladder);
    const strengths = ladder.map(({ strength }) => strength);
    expect(strengths).toEqual([...new Set(strengths)].toSorted((a, b) => a - b));
    expect(strengths.at(-1)).toBe(1);
  });

  test('a kind that can be milder has at least three intensities', () => {
    expect(adjustable.length).toBeGreaterThan(8);
    for (const [name, ladder] of adjustable) expect(ladder.length, name).toBeGreaterThanOrEqual(3);
  });
});

describe('an intensity of one’s own', () => {
  test.each(adjustable)('%s: what is written out reads back the same', (name, ladder) => {
    for (const rung of ladder) expect(intensityOf(name, rung.text)).toEqual(rung);
  });

  test.each([
    ['latency', '10ms', { text: '10ms', value: 10 }],
    ['latency', ' 1m30s ', { text: '90s', value: 90_000 }],
    ['bandwidth', '64kB', { text: '64kB/s', value: 64_000 }],
    ['bandwidth', '1.5MB/s', { text: '1.5MB/s', value: 1_500_000 }],
    ['request-fail', '2.5%', { text: '2.5%', value: 0.025 }],
    ['cpu-pressure', '0.25', { text: '0.25 cores', value: 0.25 }],
    ['limit-data', '512B', { text: '512B', value: 512 }],
  ] as const)('%s %s', (name, text, rung) => {
    expect(intensityOf(name, text)).toMatchObject(rung);
  });

  test.each([
    ['latency', '10'],
    ['latency', '0ms'],
    ['latency', '0.2ms'],
    ['bandwidth', '10B/s'],
    ['request-hang', '0%'],
    ['request-hang', '101%'],
    ['flapping', '100%'],
    ['cpu-pressure', '0'],
    ['down', '50%'],
  ] as const)('%s %s is none', (name, text) => {
    expect(intensityOf(name, text)).toBeUndefined();
  });

  test('of two, the severer one is the stronger one, within the ladder and beyond it', () => {
    const anyMs = fc.integer({ min: 1, max: 60_000 });
    fc.assert(
      fc.property(anyMs, anyMs, (a, b) => {
        const [mild, severe] = sorted(
          'latency',
          [`${a}ms`, `${b}ms`].flatMap((text) => intensityOf('latency', text) ?? []),
        );
        expect(mild?.value).toBe(Math.min(a, b));
        expect(mild?.strength ?? 2).toBeLessThanOrEqual(severe?.strength ?? -1);
        expect(severe?.strength ?? 2).toBeLessThanOrEqual(1);
        expect(mild?.strength ?? -1).toBeGreaterThanOrEqual(0);
      }),
    );
    // Less is worse for what is taken away.
    expect(sorted('bandwidth', ladderOf('bandwidth').toReversed())).toEqual(ladderOf('bandwidth'));
  });
});
