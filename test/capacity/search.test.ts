import { describe, expect, test } from 'vitest';
import { type ProbeAnswer, type ProbeRequest, type SearchEnd, search } from '../../lib/capacity/search.ts';
import { normal, seeded } from '../judge/random.ts';

const SETTINGS = { fromPerSecond: 50, upToPerSecond: 2_000, precision: 0.05, maxProbes: 10 };

function run(
  answer: (request: ProbeRequest) => ProbeAnswer,
  settings = SETTINGS,
): SearchEnd & { readonly requests: ProbeRequest[] } {
  const steps = search(settings);
  const requests: ProbeRequest[] = [];
  let step = steps.next();
  while (step.done !== true) {
    requests.push(step.value);
    step = steps.next(answer(step.value));
  }
  return { ...step.value, requests };
}

const pass: ProbeAnswer = { outcome: 'pass', generatorLimited: false };
const fail: ProbeAnswer = { outcome: 'fail', generatorLimited: false };

/** A system that holds up to its capacity and reaches it when it is asked for more. */
const ceiling =
  (capacity: number) =>
  ({ perSecond }: ProbeRequest): ProbeAnswer =>
    perSecond <= capacity ? pass : { ...fail, achievedPerSecond: capacity };

describe('a known capacity', () => {
  test.each([55, 60, 97, 140, 199, 200, 201, 333])('%d/s is found within ± 5 % in at most 10 probes', (capacity) => {
    const { ending, lastPass = 0, firstFail = 0, requests } = run(ceiling(capacity));
    expect(ending).toBe('found');
    expect(lastPass).toBeLessThanOrEqual(capacity);
    expect(firstFail).toBeGreaterThan(capacity);
    expect(firstFail / lastPass).toBeLessThanOrEqual(1.05);
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  test('a latency limit below saturation, of which throughput tells nothing', () => {
    const {
      ending,
      lastPass = 0,
      firstFail = 0,
    } = run(({ perSecond }) => (perSecond <= 130 ? pass : fail), {
      ...SETTINGS,
      maxProbes: 14,
    });
    expect(ending).toBe('found');
    expect([lastPass <= 130, firstFail > 130, firstFail / lastPass <= 1.05]).toEqual([true, true, true]);
  });

  test('the first failure is repeated, and both ends are confirmed', () => {
    const { requests } = run(ceiling(150));
    const purposes = requests.map(({ purpose }) => purpose);
    expect(purposes.slice(0, 4)).toEqual(['first', 'climb', 'climb', 'repeat']);
    expect(purposes.slice(-2)).toEqual(['confirm', 'confirm']);
  });

  test('two failures in a row are one: what made them may be over', () => {
    const { requests } = run(ceiling(147), { ...SETTINGS, fromPerSecond: 145, upToPerSecond: 150 });
    expect(requests.map(({ perSecond, purpose }) => `${perSecond} ${purpose}`)).toEqual([
      '145 first',
      '150 climb',
      '150 repeat',
      '145 confirm',
      '150 confirm',
    ]);
  });

  test('a saturated system tells where to look: just below and just above what it reached', () => {
    const { requests } = run(ceiling(150));
    expect(requests.map(({ perSecond }) => perSecond)).toEqual([50, 100, 200, 200, 147, 153, 147, 153]);
  });

  test('overload costs throughput: what was reached is too little, and the steps go up from it', () => {
    const { ending, lastPass, requests } = run(({ perSecond }) =>
      perSecond <= 150 ? pass : { ...fail, achievedPerSecond: 141 },
    );
    expect({ ending, lastPass }).toEqual({ ending: 'found', lastPass: 144 });
    expect(requests.length).toBeLessThanOrEqual(10);
  });

  test('the start is far above it', () => {
    const { ending, lastPass } = run(ceiling(20), { ...SETTINGS, fromPerSecond: 400 });
    expect({ ending, lastPass }).toEqual({ ending: 'found', lastPass: 19.6 });
  });

  test.each([0.1, 0.05, 0.02, 0.01])('precision %d: the ends are rates that were probed, and no further apart', (p) => {
    const settings = { ...SETTINGS, precision: p, maxProbes: 20 };
    const { ending, lastPass = 0, firstFail = 0, requests } = run(ceiling(123.4), settings);
    const probed = requests.map(({ perSecond }) => perSecond);
    expect([ending, probed.includes(lastPass), probed.includes(firstFail)]).toEqual(['found', true, true]);
    expect(firstFail / lastPass).toBeLessThanOrEqual(1 + p);
    expect(Math.max(...probed.map((rate) => String(rate).replace('.', '').length))).toBeLessThanOrEqual(
      p < 0.02 ? 4 : 3,
    );
  });
});

describe('an end of the bracket that answers otherwise when it is tried again', () => {
  /** A known capacity, but the given probes (1-based) answer otherwise. */
  const but = (capacity: number, ...turned: number[]) => {
    let index = 0;
    return (request: ProbeRequest): ProbeAnswer => {
      index += 1;
      const { outcome } = ceiling(capacity)(request);
      return turned.includes(index) ? (outcome === 'pass' ? fail : pass) : ceiling(capacity)(request);
    };
  };

  test('the first failure was bad luck: the climb goes on', () => {
    expect(run(but(150, 2)).requests.slice(0, 4)).toEqual([
      { perSecond: 50, purpose: 'first' },
      { perSecond: 100, purpose: 'climb' },
      { perSecond: 100, purpose: 'repeat' },
      { perSecond: 200, purpose: 'climb' },
    ]);
  });

  test('the lower end fails: a lower one is looked for, near it', () => {
    const { requests, ...found } = run(but(150, 7), { ...SETTINGS, maxProbes: 20 });
    expect(requests.slice(6, 8)).toEqual([
      { perSecond: 147, purpose: 'confirm' },
      { perSecond: 143, purpose: 'narrow' },
    ]);
    // That was bad luck: its third answer decides.
    expect(found).toMatchObject({ ending: 'found', lastPass: 147, firstFail: 153 });
  });

  test('the upper end holds: it was bad luck, and the search goes on above', () => {
    const { requests, ...found } = run(but(150, 8), { ...SETTINGS, maxProbes: 20 });
    expect(requests[7]).toEqual({ perSecond: 153, purpose: 'confirm' });
    expect(requests[8]?.perSecond).toBeGreaterThan(153);
    expect(found).toMatchObject({ ending: 'found', lastPass: 147, firstFail: 153 });
  });

  test('three rates that answer both ways: unstable', () => {
    let index = 0;
    const flipping = (): ProbeAnswer => ((index += 1) % 2 === 1 ? fail : pass);
    expect(run(flipping, { ...SETTINGS, maxProbes: 20 }).ending).toBe('unstable');
  });
});

describe('what is not a capacity is not called one', () => {
  test('everything holds: no bound, and the highest rate was tried', () => {
    expect(run(() => pass)).toMatchObject({ ending: 'no-bound', lastPass: 2_000, firstFail: undefined });
  });

  test('nothing holds', () => {
    expect(run(() => fail)).toMatchObject({ ending: 'nothing-held', lastPass: undefined });
  });

  test('the load generator comes to its end first', () => {
    const limited: ProbeAnswer = { outcome: 'inconclusive', generatorLimited: true };
    const { ending, lastPass, firstFail, requests } = run(({ perSecond }) => (perSecond > 300 ? limited : pass));
    expect({ ending, lastPass, firstFail }).toEqual({
      ending: 'generator-limited',
      lastPass: 200,
      firstFail: undefined,
    });
    expect(requests.filter(({ perSecond }) => perSecond === 400)).toHaveLength(2);
  });

  test('one inconclusive probe is no answer, and is asked for again', () => {
    let times = 0;
    const { ending } = run((request) => {
      times += 1;
      return times === 2 ? { outcome: 'inconclusive', generatorLimited: false } : ceiling(200)(request);
    });
    expect(ending).toBe('found');
  });

  test('a failure that can not be repeated stays one, until it is confirmed', () => {
    let times = 0;
    const { ending, requests } = run((request) => {
      times += 1;
      return times === 4 ? { outcome: 'inconclusive', generatorLimited: true } : ceiling(150)(request);
    });
    expect(requests.map(({ perSecond }) => perSecond)).toEqual([50, 100, 200, 200, 147, 153, 147, 153]);
    expect(ending).toBe('found');
  });

  test('too few probes: the bracket so far', () => {
    const { ending, lastPass, firstFail } = run(ceiling(900), { ...SETTINGS, maxProbes: 5 });
    expect({ ending, lastPass, firstFail }).toEqual({ ending: 'out-of-probes', lastPass: 800, firstFail: undefined });
  });

  test('no ceiling, but one probe in a hundred fails by chance: 1,000 seeds invent none', () => {
    const endings: Record<string, number> = {};
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const random = seeded(seed);
      const { ending } = run(({ perSecond }) =>
        random() < 0.01 ? { ...fail, achievedPerSecond: perSecond * (0.7 + 0.3 * random()) } : pass,
      );
      endings[ending] = (endings[ending] ?? 0) + 1;
    }
    expect(endings['found']).toBeUndefined();
    // Two failures in a row, once in 10,000 probes, may cost the search its probes.
    expect(endings['no-bound']).toBeGreaterThanOrEqual(995);
  });
});

/**
 * 1,000 seeds of a system whose capacity is 200/s, whose edge is as wide as said, and that reaches its capacity within 1 %
 * when it is asked for more; the first rate is anything from a fourth of the capacity to four times of it.
 */
describe.each([
  { edge: 0.005, found: 0.95, bracketed: 0.97 },
  { edge: 0.01, found: 0.85, bracketed: 0.93 },
])('a noisy edge: a rate holds with 1 ÷ (1 + (rate ÷ capacity)^(1 ÷ $edge))', ({ edge, found, bracketed }) => {
  const capacity = 200;
  const ends = Array.from({ length: 1_000 }, (_, seed) => {
    const random = seeded(seed + 1);
    const settings = { ...SETTINGS, fromPerSecond: (capacity / 4) * 16 ** random() };
    return run(({ perSecond }) => {
      if (random() < 1 / (1 + (perSecond / capacity) ** (1 / edge))) return pass;
      return { ...fail, achievedPerSecond: Math.min(perSecond, capacity * (1 + 0.01 * normal(random))) };
    }, settings);
  });
  const right = ends.filter(({ lastPass = 0 }) => Math.abs(lastPass / capacity - 1) <= 0.05);
  const share = (some: readonly unknown[]) => some.length / ends.length;

  test(`found within ± 5 % in at most 10 probes: ${found * 100} of 100`, () => {
    expect(Math.max(...ends.map(({ requests }) => requests.length))).toBeLessThanOrEqual(10);
    expect(share(right.filter(({ ending }) => ending === 'found'))).toBeGreaterThanOrEqual(found);
  });

  test(`with those that ran out of probes, whose last pass is as good: ${bracketed * 100} of 100`, () => {
    expect(share(right)).toBeGreaterThanOrEqual(bracketed);
  });

  test('a coefficient of variation of at most 2 %', () => {
    const answers = ends.flatMap(({ ending, lastPass = 0 }) => (ending === 'found' ? [lastPass] : []));
    const mean = answers.reduce((sum, value) => sum + value, 0) / answers.length;
    const deviation = Math.sqrt(answers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / answers.length);
    expect(deviation / mean).toBeLessThanOrEqual(0.02);
  });
});
