import { describe, expect, test } from 'vitest';
import { type ParityRecord, fewestSamples } from '../../../chaos/drills/parity.ts';
import { ParityTally, type TallyAnswer } from '../../../chaos/drills/parity-tally.ts';
import { judge } from '../../../lib/judge/checks.ts';
import { pictureParity } from '../../../lib/judge/drills/parity.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Observations } from '../../../lib/observe/observations.ts';
import { healthy } from '../builders.ts';
import { seeded } from '../random.ts';
import { checkOf, drillPlan, outcomesOf } from './plans.ts';

const http = { url: '{{http}}/v1/quotes' };
const request = (more: object = {}) => ({ name: 'quote', request: { http }, ...more });
const planWith = (...requests: readonly object[]) =>
  drillPlan({ kind: 'parity', baseline: { http: 'http://a' }, candidate: { http: 'http://b' }, requests });
const plan = planWith(request());
const EXAMPLE = planWith(request({ atMost: '1%' }));

const answer = (body: object, parts: Partial<TallyAnswer> = {}): TallyAnswer => ({
  status: 'HTTP 200',
  ok: true,
  items: [body],
  ...parts,
});

type Answers = readonly [TallyAnswer, TallyAnswer, TallyAnswer];

function compared(amount: number, trial: (index: number) => Answers, options = {}): ParityRecord {
  const tally = new ParityTally({ name: 'quote', ignore: [], expect: 'success', ...options });
  for (let index = 0; index < amount; index += 1) {
    const [one, other, candidate] = trial(index);
    tally.add({ values: { index }, baseline: [one, other], candidate });
  }
  return { requests: [tally.result()] };
}

function seen(parity: ParityRecord | undefined, of = plan): Observations {
  const records = parity === undefined ? {} : { parity };
  return { ...healthy(of), drills: [{ drill: 'parity', requests: [], probes: [], records }] };
}

const check = (parity: ParityRecord | undefined, of = plan) => checkOf('quote', of, seen(parity, of));
const same = (body: object = { tax: 1 }): Answers => [answer(body), answer(body), answer(body)];

describe('PAR-1', () => {
  test('no difference in enough answers passes, in one too few it decides nothing', () => {
    expect(fewestSamples(0.001)).toBe(2_995);
    expect(check(compared(2_995, () => same()))).toMatchObject({ outcome: 'pass', events: 2_995 });
    const few = check(compared(2_994, () => same()));
    expect(few).toMatchObject({ outcome: 'inconclusive', events: 2_994 });
    expect(few.reason).toBe('only 2994 of 3085 were answered, at least 2995 show a share of 0.1 %');
  });

  test('a field that differs often is red, by its name and with examples', () => {
    const record = compared(400, (index) => {
      const tax = index % 2;
      return [answer({ tax: 1, net: 5 }), answer({ tax: 1, net: 5 }), answer({ tax: 1 - tax, net: 5 })];
    });
    const found = check(record, EXAMPLE);
    expect(found).toMatchObject({
      outcome: 'fail',
      measured: '1 of 3 fields differ',
      evidence: { differentFields: '/tax', worstCandidateDiffers: 200, worstBaselineDiffers: 0 },
    });
    expect(found.reason).toBe('of 400 answers differ: /tax in 200 (itself in 0)');
    const subject = { drill: EXAMPLE.drills[0] as Drill<'parity'>, plan: EXAMPLE, observations: seen(record, EXAMPLE) };
    const [fields, examples] = pictureParity(subject).details;
    expect(fields).toMatchObject({
      kind: 'table',
      rows: [['quote', '/tax', '200 of 400', '0', expect.any(String), 'different'], {}, {}],
    });
    expect(examples).toMatchObject({
      kind: 'table',
      rows: [
        ['quote', '/tax', '{"index":1}', 'HTTP 200 · {"net":5,"tax":1}', 'HTTP 200 · {"net":5,"tax":0}'],
        ['quote', '/tax', '{"index":3}', expect.any(String), expect.any(String)],
        ['quote', '/tax', '{"index":5}', expect.any(String), expect.any(String)],
      ],
    });
  });

  test.each<[string, TallyAnswer, string]>([
    ['a status', answer({ tax: 1 }, { status: 'HTTP 400', ok: false }), 'status'],
    ['a trailer', answer({ tax: 1 }, { trailers: { cost: '1' } }), 'trailer cost'],
    ['a header', answer({ tax: 1 }, { headers: { 'content-type': 'text/plain' } }), 'header content-type'],
    ['a field that is missing', answer({}), '/tax'],
    ['a field too many', answer({ tax: 1, more: 1 }), '/more'],
  ])('%s is a field too', (_, candidate, field) => {
    const record = compared(400, () => [answer({ tax: 1 }), answer({ tax: 1 }), candidate]);
    expect(String(check(record, EXAMPLE).evidence['differentFields']).split(', ')).toContain(field);
  });

  test('what is too rare to be sure of is neither green nor red', () => {
    const record = compared(3_000, (index) =>
      index < 2 ? [answer({ tax: 1 }), answer({ tax: 1 }), answer({ tax: 2 })] : same(),
    );
    expect(check(record)).toMatchObject({ outcome: 'inconclusive', evidence: { unknownFields: '/tax' } });
  });

  test('a field that differs by itself decides nothing, unless it is ignored', () => {
    const noisy = (index: number): Answers => [
      answer({ at: index }),
      answer({ at: -index - 1 }),
      answer({ at: index + 0.5 }),
    ];
    expect(check(compared(3_000, noisy))).toMatchObject({
      outcome: 'inconclusive',
      hint: 'the baseline differs from itself in /at: name it in `ignore` if it may',
    });
    expect(check(compared(3_000, noisy, { ignore: ['at'] }))).toMatchObject({ outcome: 'pass' });
  });

  test.each<[string, ParityRecord | undefined, RegExp]>([
    ['nothing was sent', undefined, /nothing was compared/],
    [
      'nothing was answered',
      compared(400, () => [answer({}, { status: 'ECONNREFUSED', ok: false }), answer({}), answer({})]),
      /only 0 of/,
    ],
    [
      'the baseline refused everything',
      compared(400, () => {
        const refused = answer({}, { status: 'HTTP 401', ok: false });
        return [refused, refused, refused];
      }),
      /was to answer with success, and did so 0 of 400 times/,
    ],
    [
      'the candidate was not there',
      compared(400, () => [answer({}), answer({}), { status: 'UNAVAILABLE', ok: false, items: [] }]),
      /did not answer 400 of 400 times/,
    ],
  ])('where %s, nothing is known', (_, record, reason) => {
    const found = check(record, EXAMPLE);
    expect(found.outcome).toBe('inconclusive');
    expect(found.reason).toMatch(reason);
  });

  test('a candidate that sometimes does not answer differs', () => {
    const gone: TallyAnswer = { status: 'canceled', ok: false, items: [] };
    const record = compared(400, (index) => [answer({}), answer({}), index % 10 === 0 ? gone : answer({})]);
    expect(check(record, EXAMPLE)).toMatchObject({ outcome: 'fail', evidence: { withoutCandidate: 40 } });
  });

  test('refusals are compared where they are expected', () => {
    const of = planWith(request({ expect: 'failure', atMost: '1%' }));
    const refused = answer({ error: { code: 'INVALID_ARGUMENT' } }, { status: 'HTTP 400', ok: false });
    const record = compared(400, () => [refused, refused, refused], { expect: 'failure' });
    expect(check(record, of)).toMatchObject({ outcome: 'pass' });
  });

  test('each request has a check of its own', () => {
    const of = planWith(request(), request({ name: 'append' }));
    expect(
      outcomesOf(
        of,
        seen(
          compared(3_000, () => same()),
          of,
        ),
      ),
    ).toEqual({ quote: 'pass', append: 'inconclusive' });
  });
});

test('a busy machine makes answers late, not wrong', () => {
  const outcomeOf = (candidate: TallyAnswer) => {
    const record = compared(400, () => [answer({ tax: 1 }), answer({ tax: 1 }), candidate]);
    const of = seen(record, EXAMPLE);
    const resources = [{ source: 'machine', role: 'machine', cpuCores: 2, rssBytes: 0 }] as const;
    const seconds = of.seconds.map((second) => ({ ...second, resources }));
    return judge(EXAMPLE, { ...of, seconds }).find(({ id }) => id === 'drill:parity:quote')?.outcome;
  };
  expect(outcomeOf(answer({ tax: 2 }))).toBe('fail');
  expect(outcomeOf(answer({ tax: 1 }, { status: 'HTTP 504', ok: false }))).toBe('inconclusive');
});

describe('whatever the noise', () => {
  const NOISES = [0, 0.0005, 0.01, 0.2, 0.5, 0.9, 1];

  test('two of the same are never called different', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = seeded(seed + 1);
      // Each field of an answer has a value of its own so often.
      const one = () =>
        answer(Object.fromEntries(NOISES.map((noise, field) => [`f${field}`, random() < noise ? random() : 0])));
      const found = check(
        compared(600, () => [one(), one(), one()]),
        EXAMPLE,
      );
      expect({ seed, outcome: found.outcome, reason: found.reason }).toMatchObject({ outcome: 'inconclusive' });
    }
  });

  test('what differs in 5 % more is red, by exactly its fields', () => {
    for (let seed = 0; seed < 40; seed += 1) {
      const random = seeded(seed + 1);
      const noise = NOISES[seed % 3] ?? 0;
      const one = (shift: number) =>
        answer({
          calm: 1,
          noisy: random() < noise ? random() : 0,
          wrong: random() < shift ? 2 : random() < noise ? random() : 1,
        });
      const found = check(
        compared(3_000, () => [one(0), one(0), one(0.08)]),
        EXAMPLE,
      );
      expect({ seed, ...found }).toMatchObject({ outcome: 'fail', evidence: { differentFields: '/wrong' } });
    }
  });
});
