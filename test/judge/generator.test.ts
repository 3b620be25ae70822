import { describe, expect, test } from 'vitest';
import { judgeGenerator } from '../../lib/judge/generator.ts';
import type { GeneratorObservation, Observations, Second } from '../../lib/observe/observations.ts';
import { between, healthy, histogramOf, operation, phases, planOf, times } from './builders.ts';

const PLAN = planOf({});

function run(change?: (second: Second) => Second, generator: Partial<GeneratorObservation> = {}): Observations {
  const observations = healthy(PLAN, change);
  return { ...observations, generator: { ...observations.generator, ...generator } };
}

function cores(source: 'k6' | 'machine', from: number, to: number, cpuCores: number): (second: Second) => Second {
  return (same) => {
    if (same.t < from || same.t >= to) return same;
    const resources = same.resources.map((window) => (window.source === source ? { ...window, cpuCores } : window));
    return { ...same, resources };
  };
}

/** A proxy besides, of so many cores. */
function proxy(cpuCores: number): (second: Second) => Second {
  return (same) => ({
    ...same,
    resources: [...same.resources, { source: 'toxiproxy', role: 'proxy', cpuCores, rssBytes: 1 }],
  });
}

/** Every iteration in [from, to) started that late. */
function late(ms: number, from = 0, to = 35): (second: Second) => Second {
  return between(from, to, { startLag: histogramOf(times(100, ms), 6) });
}

const PUSHES = healthy(PLAN).generator.pushesMs;
const without = (fromMs: number, toMs: number) => ({ pushesMs: PUSHES.filter((at) => at < fromMs || at > toMs) });

describe('judgeGenerator', () => {
  test.each<[string, Observations, string, RegExp]>([
    ['healthy', run(), 'pass', /as planned/],
    ['CPU just below 85 % for 5 s', run(cores('k6', 10, 15, 1.69)), 'pass', /as planned/],
    ['CPU 85 % for 5 s', run(cores('k6', 10, 15, 1.7)), 'inconclusive', /^k6 used 85 % of the CPUs for 5 s$/],
    ['CPU 100 % for 4 s', run(cores('k6', 10, 14, 2)), 'pass', /as planned/],
    ['CPU never seen', run((same) => ({ ...same, resources: [] })), 'inconclusive', /^k6's CPU use was not seen$/],
    ['CPU not a number', run(cores('k6', 10, 15, Number.NaN)), 'inconclusive', /./],
    ['proxies and k6 together just below', run(proxy(1.49)), 'pass', /as planned/],
    [
      'proxies and k6 together',
      run(proxy(1.5)),
      'inconclusive',
      /^k6 and the fault proxies together used 85 % of the CPUs/,
    ],
    ['one core full of proxies: there are two', run(proxy(1)), 'pass', /as planned/],
    ['started 190 ms late', run(late(190)), 'pass', /as planned/],
    [
      'started 220 ms late',
      run(late(220)),
      'inconclusive',
      /^1 % of the iterations started more than 2[12]\d ms late \(allowed: 200 ms\)$/,
    ],
    ['1 s in 35 of them late', run(late(900, 3, 4)), 'inconclusive', /iterations started more than/],
    ['start lag not told', run((same) => ({ ...same, startLag: histogramOf([]) })), 'pass', /as planned/],
    [
      'a clock step',
      run(undefined, { clockStepMs: -251 }),
      'inconclusive',
      /^the machine's clock was set back by 251 ms/,
    ],
    ['a small clock step', run(undefined, { clockStepMs: 250 }), 'pass', /as planned/],
    ['machine saturated: no fault of the load', run(cores('machine', 10, 15, 2)), 'pass', /as planned/],
    ['a gap of 2 s', run(undefined, without(11_000, 11_000)), 'pass', /as planned/],
    ['a gap of 3 s', run(undefined, without(11_000, 12_000)), 'inconclusive', /^no metrics came for 3 s$/],
    ['first push after 3 s', run(undefined, without(0, 2_000)), 'pass', /as planned/],
    ['first push after 4 s', run(undefined, without(0, 3_000)), 'inconclusive', /^no metrics came for 3 s$/],
    ['no push in the last 3 s', run(undefined, without(33_000, 40_000)), 'inconclusive', /^no metrics came for 3 s$/],
    ['no push at all', run(undefined, { pushesMs: [] }), 'inconclusive', /no metrics came for 34 s/],
    ['one push after the end', run(undefined, { pushesMs: [35_100] }), 'inconclusive', /no metrics came for 34 s/],
    ['99.1 % sent', run((same) => ({ ...same, iterations: 99.1 })), 'pass', /as planned/],
    [
      '98 % sent',
      run((same) => ({ ...same, iterations: 98 })),
      'inconclusive',
      /^only 98 % of the planned arrivals were sent$/,
    ],
    ['105 % sent', run((same) => ({ ...same, iterations: 105 })), 'inconclusive', /^105 % of the planned/],
    [
      'an unexplained drop',
      run(between(12, 13, { iterations: 99, dropped: 1 })),
      'inconclusive',
      /^1 iterations were dropped although/,
    ],
    [
      'drops while all users were busy',
      run(between(12, 20, { iterations: 50, dropped: 50, busyVus: 190 })),
      'pass',
      /as planned/,
    ],
    [
      'drops while 79 % were busy',
      run(between(12, 20, { iterations: 50, dropped: 50, busyVus: 157 })),
      'inconclusive',
      /400 iterations were dropped/,
    ],
    [
      'drops 2 s before the slow responses end',
      run((same) => between(12, 13, { iterations: 80, dropped: 20 })(between(14, 15, { busyVus: 170 })(same))),
      'pass',
      /as planned/,
    ],
    [
      'drops 3 s before',
      run((same) => between(12, 13, { iterations: 80, dropped: 20 })(between(15, 16, { busyVus: 170 })(same))),
      'inconclusive',
      /20 iterations/,
    ],
  ])('%s', (_, observations, outcome, reason) => {
    const check = judgeGenerator(PLAN, observations);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
    expect(check.hint === undefined).toBe(outcome === 'pass');
  });

  test('a system that hangs holds the virtual users: its drops are its own', () => {
    const hangs = run((same) => {
      if (same.t < 15) return same;
      // 2 s until all 200 users wait; then every arrival is dropped.
      return { ...same, iterations: 0, busyVus: 0, operations: [], dropped: same.t < 17 ? 0 : 100 };
    });
    expect(judgeGenerator(PLAN, hangs)).toMatchObject({ outcome: 'pass', evidence: { dropped: 1_800 } });
  });

  test('arrivals that were never sent do not add up to busy virtual users', () => {
    const plan = planOf({ phases: phases(['steady', 300, 100]) });
    const starved = healthy(plan, (same) => ({ ...same, iterations: 99, dropped: same.t === 299 ? 1 : 0 }));
    expect(judgeGenerator(plan, starved).evidence['droppedUnexplained']).toBe(1);
  });

  test('a load that was stopped early is judged until then', () => {
    const stopped = run();
    const seconds = stopped.seconds.slice(0, 16).map((same) => (same.t === 15 ? { ...same, iterations: 20 } : same));
    const pushesMs = PUSHES.filter((at) => at <= 15_000);
    const early = { ...stopped, seconds, loadEndMs: 15_500, generator: { ...stopped.generator, pushesMs } };
    expect(judgeGenerator(PLAN, early).outcome).toBe('pass');
  });

  test('a plan that ends within a second has all its arrivals', () => {
    const plan = planOf({ phases: phases(['steady', 10.5, 100]) });
    const whole = healthy(plan);
    const seconds = whole.seconds.map((same) => (same.t === 10 ? { ...same, offered: 50, iterations: 50 } : same));
    expect(judgeGenerator(plan, { ...whole, seconds }).evidence).toMatchObject({ offered: 1_050, sent: 1_050 });
  });

  test('iterations in flight at the end may be missing', () => {
    const slow = run((same) => ({
      ...same,
      iterations: same.t < 2 ? 0 : 100,
      busyVus: same.t < 2 ? 0 : 200,
      operations: [operation({ phase: same.phase, okMs: times(100, 2_000) })],
    }));
    expect(judgeGenerator(PLAN, slow)).toMatchObject({ outcome: 'pass', evidence: { sent: 3_300, offered: 3_500 } });
  });

  test('names every problem and what to do about each', () => {
    const check = judgeGenerator(PLAN, run(between(12, 20, { iterations: 50, dropped: 10 }), without(11_000, 13_000)));
    expect(check.reason.split('; ')).toHaveLength(3);
    expect(check.hint).toContain('maxVUs');
    expect(check.catalogue).toBe('GEN-1');
  });
});
