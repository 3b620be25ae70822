import { describe, expect, test } from 'vitest';
import { judgeMemoryGrowth } from '../../lib/judge/memory-growth.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, second } from './builders.ts';
import { normal, outcomesOf, seeded } from './random.ts';

const MIB = 1024 ** 2;
const PAGE = 4_096;
const GROWTH = { kind: 'memory-growth', service: 'engine', phase: 'steady' } as const;
const MIB_A_MINUTE = budget({ ...GROWTH, atMost: '10MiB/m' });
const PERCENT_AN_HOUR = budget({ ...GROWTH, atMost: '60%/h' });

/** Resident memory by the second, in MiB, counted in pages. */
function run(seconds: number, mibAt: (t: number) => number): Second[] {
  return Array.from({ length: seconds }, (_, t) => {
    const rssBytes = Math.round((mibAt(t) * MIB) / PAGE) * PAGE;
    return second({ t, resources: [{ source: 'engine', role: 'service', cpuCores: 0.1, rssBytes }] });
  });
}

const growing = (mibPerMinute: number) => (t: number) => 100 + (mibPerMinute * t) / 60;
/** Up to 20 MiB within half a minute, and then no more. */
const warming = (t: number) => 100 + 20 * (1 - Math.exp(-t / 15));

/** A garbage-collected heap: a sawtooth of 7 s and some noise. */
function heap(seed: number, mibPerMinute: number): (t: number) => number {
  const random = seeded(seed);
  return (t) => growing(mibPerMinute)(t) + (t % 7) + normal(random) * 0.5;
}

describe('judgeMemoryGrowth', () => {
  test.each<[string, readonly Second[], typeof MIB_A_MINUTE, string, RegExp]>([
    [
      'constant',
      run(60, growing(0)),
      MIB_A_MINUTE,
      'pass',
      /^it grows by 0 B\/h \(95 %: 0 B\/h to 0 B\/h\), over 60 seconds$/,
    ],
    ['shrinking', run(60, growing(-30)), MIB_A_MINUTE, 'pass', /^it grows by -1\.\d GiB\/h/],
    ['below the limit', run(60, growing(8)), MIB_A_MINUTE, 'pass', /^it grows by 4\d\d(\.\d)? MiB\/h/],
    [
      'above it',
      run(60, growing(13)),
      MIB_A_MINUTE,
      'fail',
      /^it grows by 7\d\d(\.\d)? MiB\/h .*at most 600 MiB\/h allowed$/,
    ],
    ['in percent, below', run(60, growing(0.5)), PERCENT_AN_HOUR, 'pass', /^it grows by (29|30)\.\d+ %\/h/],
    [
      'in percent, above',
      run(60, growing(2)),
      PERCENT_AN_HOUR,
      'fail',
      /^it grows by 11\d\.\d+ %\/h .*at most 60 %\/h allowed$/,
    ],
    ['one jump', run(60, (t) => (t < 50 ? 100 : 200)), MIB_A_MINUTE, 'pass', /./],
    ['too short', run(19, growing(99)), MIB_A_MINUTE, 'inconclusive', /^19 samples of engine, at least 20 needed$/],
    ['long enough', run(20, growing(99)), MIB_A_MINUTE, 'fail', /./],
    [
      'full of gaps',
      run(60, growing(99)).filter(({ t }) => t < 10 || t >= 50),
      MIB_A_MINUTE,
      'fail',
      /over 20 seconds/,
    ],
    ['no figure', run(60, () => 0), MIB_A_MINUTE, 'inconclusive', /no memory figure/],
    [
      'another phase',
      run(60, growing(0)).map((same) => ({ ...same, phase: 'warm-up' })),
      MIB_A_MINUTE,
      'inconclusive',
      /^0 samples/,
    ],
  ])('%s', (_, seconds, limit, outcome, reason) => {
    const check = judgeMemoryGrowth('id', limit, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('the default is 1 % an hour', () => {
    expect(judgeMemoryGrowth('id', budget(GROWTH), []).title).toBe('engine: memory grows by ≤ 1 %/h in steady');
  });

  test('a start that still warms up counts, and the hint says so', () => {
    const check = judgeMemoryGrowth('id', { ...MIB_A_MINUTE, atMost: { bytesPerHour: 60 * MIB } }, run(60, warming));
    expect(check.outcome).toBe('fail');
    expect(check.hint).toMatch(/longer warm-up/);
    const leak = judgeMemoryGrowth('id', MIB_A_MINUTE, run(60, growing(20)));
    expect(leak.hint).toBeUndefined();
  });

  test('hints how long the phase would have to be', () => {
    const { outcome, hint } = judgeMemoryGrowth('id', MIB_A_MINUTE, run(40, heap(1, 9)));
    expect(outcome).toBe('inconclusive');
    expect(hint).toMatch(/^if it goes on like this, a phase of [\d.]+[sm] decides it$/);
  });

  test('two hours are judged as well', () => {
    expect(judgeMemoryGrowth('id', budget(GROWTH), run(7_200, growing(0.002)))).toMatchObject({
      outcome: 'pass',
      evidence: { bins: 120 },
    });
    expect(judgeMemoryGrowth('id', budget(GROWTH), run(7_200, growing(0.04)))).toMatchObject({ outcome: 'fail' });
  });

  test('a heap that is collected passes, one that leaks besides fails', () => {
    const flat = outcomesOf(100, (seed) => judgeMemoryGrowth('id', MIB_A_MINUTE, run(60, heap(seed, 0))).outcome);
    expect(flat['fail']).toBe(0);
    expect(flat['pass']).toBeGreaterThanOrEqual(99);
    const leaking = outcomesOf(100, (seed) => judgeMemoryGrowth('id', MIB_A_MINUTE, run(60, heap(seed, 30))).outcome);
    expect(leaking['fail']).toBeGreaterThanOrEqual(99);
  });

  test('memory that wanders without going anywhere is hardly ever red', () => {
    const outcomes = outcomesOf(200, (seed) => {
      const random = seeded(seed);
      let off = 0;
      const wander = (): number => {
        off = 0.9 * off + normal(random);
        return 100 + off;
      };
      return judgeMemoryGrowth('id', { ...MIB_A_MINUTE, atMost: { bytesPerHour: 60 * MIB } }, run(120, wander)).outcome;
    });
    expect(outcomes['fail']).toBeLessThanOrEqual(1);
  });
});
