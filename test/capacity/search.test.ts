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

  test('too few probes: the bracket so far', () => {
    const { ending, lastPass, firstFail } = run(ceiling(900), { ...SETTINGS, maxProbes: 5 });
    expect({ ending, lastPass, firstFail }).toEqual({ ending: 'out-of-probes', lastPass: 800, firstFail: undefined });
  });

  test('no ceiling, but one probe in a hundred fails by chance: 1,000 seeds invent none', () => {
    let invented = 0;
    for (let seed = 1; seed <= 1_000; seed += 1) {
      const random = seeded(seed);
      const { ending } = run(({ perSecond }) =>
        random() < 0.01 ? { ...fail, achievedPerSecond: perSecond * (0.7 + 0.3 * random()) } : pass,
      );
      if (ending === 'found') invented += 1;
    }
    expect(invented).toBe(0);
  });
});

test('a noisy edge: 1,000 seeds, the capacity within ± 5 % in at most 10 probes', () => {
  const answers: number[] = [];
  const errors: number[] = [];
  let unfinished = 0;
  for (let seed = 1; seed <= 1_000; seed += 1) {
    const random = seeded(seed);
    const capacity = 200;
    // From a fourth of the truth to twice of it; each probe sees a capacity that is off by 1 %.
    const fromPerSecond = 50 * 8 ** random();
    const { ending, lastPass, requests } = run(
      ({ perSecond }) => {
        const now = capacity * (1 + 0.01 * normal(random));
        return perSecond <= now ? pass : { ...fail, achievedPerSecond: now };
      },
      { ...SETTINGS, fromPerSecond },
    );
    expect(requests.length).toBeLessThanOrEqual(10);
    if (ending !== 'found' || lastPass === undefined) {
      unfinished += 1;
      continue;
    }
    answers.push(lastPass);
    errors.push(Math.abs(lastPass / capacity - 1));
  }
  const mean = answers.reduce((sum, value) => sum + value, 0) / answers.length;
  const deviation = Math.sqrt(answers.reduce((sum, value) => sum + (value - mean) ** 2, 0) / answers.length);
  expect(deviation / mean).toBeLessThanOrEqual(0.05);
  expect(errors.filter((error) => error > 0.05).length).toBeLessThanOrEqual(10);
  expect(unfinished).toBeLessThanOrEqual(150);
});
