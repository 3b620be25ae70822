import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CellOutcome, type CellRequest, type Ladder, mostCells, order } from '../../lib/sweep/order.ts';

type Oracle = (track: number, level: number, times: number) => CellOutcome;

/** Everything that is asked, with its answer. */
function walk(ladders: readonly Ladder[], seed: number, oracle: Oracle): (CellRequest & { outcome: CellOutcome })[] {
  const steps = order(ladders, seed);
  const asked: (CellRequest & { outcome: CellOutcome })[] = [];
  for (let step = steps.next(); step.done !== true;) {
    const { track, level } = step.value;
    const outcome = oracle(track, level, asked.length);
    asked.push({ ...step.value, outcome });
    step = steps.next(outcome);
  }
  return asked;
}

/** How many cells more than another, which is not done yet, a track ever had. */
function longestLead(cells: readonly CellRequest[]): number {
  const totals = Map.groupBy(cells, ({ track }) => track);
  const counts = new Map([...totals.keys()].map((track) => [track, 0]));
  let lead = 0;
  for (const { track } of cells) {
    counts.set(track, (counts.get(track) ?? 0) + 1);
    const waiting = [...counts].filter(([other, count]) => count < (totals.get(other)?.length ?? 0));
    const least = Math.min(...waiting.map(([, count]) => count));
    lead = Math.max(lead, (counts.get(track) ?? 0) - least);
  }
  return lead;
}

const anyLadders = fc.array(
  fc.record({
    edge: fc.constantFrom('a', 'b', 'c'),
    kind: fc.constantFrom('latency', 'down', 'reset'),
    levels: fc.integer({ min: 1, max: 12 }),
  }),
  { minLength: 1, maxLength: 8 },
);
const anySeed = fc.nat(0xffff_ffff);
const ANSWERS: readonly CellOutcome[] = ['holds', 'breaks', 'no-effect', 'inconclusive', 'failed'];

/** Each track breaks from a level on; from its length on, never. */
const withThresholds = anyLadders.chain((ladders) =>
  fc.record({
    ladders: fc.constant(ladders),
    thresholds: fc.tuple(...ladders.map(({ levels }) => fc.integer({ min: 0, max: levels }))),
  }),
);
const from =
  (thresholds: readonly number[]): Oracle =>
  (track, level) =>
    level >= (thresholds[track] ?? 0) ? 'breaks' : 'holds';

describe('where a severer fault breaks no less', () => {
  test('bisection finds every boundary, in as few cells as can be', () => {
    fc.assert(
      fc.property(withThresholds, anySeed, ({ ladders, thresholds }, seed) => {
        const bisected = walk(ladders, seed, from(thresholds)).filter(({ purpose }) => purpose === 'bisect');
        for (const [track, { levels }] of ladders.entries()) {
          const threshold = thresholds[track] ?? 0;
          const cells = bisected.filter((cell) => cell.track === track);
          const measured = cells.map(({ level }) => level);
          // Both sides of the boundary were looked at, as far as the ladder has them.
          if (threshold < levels) expect(measured).toContain(threshold);
          if (threshold > 0) expect(measured).toContain(threshold - 1);
          expect(cells.length).toBeLessThanOrEqual(mostCells(levels));
        }
      }),
    );
  });

  test('every cell is measured in the end, the boundaries first, then from them outwards', () => {
    fc.assert(
      fc.property(withThresholds, anySeed, ({ ladders, thresholds }, seed) => {
        const asked = walk(ladders, seed, from(thresholds));
        expect(asked).toHaveLength(ladders.reduce((sum, { levels }) => sum + levels, 0));
        const purposes = ['bisect', 'boundary', 'rest'];
        const ranks = asked.map(({ purpose }) => purposes.indexOf(purpose));
        expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
        const next = ({ track, level }: CellRequest) => {
          const threshold = thresholds[track] ?? 0;
          return level === threshold + 1 || level === threshold - 2;
        };
        // Of all tracks, what lies next to a boundary comes before what does not.
        const filled = asked.filter(({ purpose }) => purpose !== 'bisect').map(next);
        expect(filled.indexOf(false) === -1 || filled.lastIndexOf(true) < filled.indexOf(false)).toBe(true);
        for (const [track] of ladders.entries()) {
          const threshold = thresholds[track] ?? 0;
          const away = ({ level }: CellRequest) => (level >= threshold ? level - threshold : threshold - 1 - level);
          const later = asked.filter((cell) => cell.track === track && cell.purpose !== 'bisect').map(away);
          expect(later).toEqual(later.toSorted((a, b) => a - b));
        }
      }),
    );
  });
});

describe('whatever the answers are', () => {
  const anyRun = fc.tuple(anyLadders, anySeed, fc.array(fc.constantFrom(...ANSWERS), { minLength: 1 }));
  const answering =
    (answers: readonly CellOutcome[]): Oracle =>
    (_track, _level, times) =>
      answers[times % answers.length] ?? 'holds';

  test('no cell is asked for twice, and there is an end', () => {
    fc.assert(
      fc.property(anyRun, ([ladders, seed, answers]) => {
        const asked = walk(ladders, seed, answering(answers)).map(({ track, level }) => `${track} ${level}`);
        expect(new Set(asked).size).toBe(asked.length);
      }),
    );
  });

  test('time that is cut is cut evenly: no track gets two cells while another that wants one waits', () => {
    fc.assert(
      fc.property(anyRun, ([ladders, seed, answers]) => {
        const asked = walk(ladders, seed, answering(answers));
        for (const purpose of ['bisect', 'boundary', 'rest']) {
          expect(longestLead(asked.filter((cell) => cell.purpose === purpose))).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('the same seed asks the same', () => {
    fc.assert(
      fc.property(anyRun, ([ladders, seed, answers]) => {
        expect(walk(ladders, seed, answering(answers))).toEqual(walk(ladders, seed, answering(answers)));
      }),
    );
  });

  test('a track that could not be run is left alone', () => {
    fc.assert(
      fc.property(anyRun, ([ladders, seed, answers]) => {
        const asked = walk(ladders, seed, answering(answers));
        for (const [track] of ladders.entries()) {
          const outcomes = asked.filter((cell) => cell.track === track).map(({ outcome }) => outcome);
          expect(outcomes.slice(0, -1)).not.toContain('failed');
        }
      }),
    );
  });
});

const ONE: Ladder = { edge: 'a', kind: 'latency', levels: 8 };

test('a rung without an answer is passed by', () => {
  const asked = walk([ONE], 1, (_track, level) => (level === 3 ? 'inconclusive' : level >= 5 ? 'breaks' : 'holds'));
  const bisected = asked.filter(({ purpose }) => purpose === 'bisect').map(({ level }) => level);
  expect(bisected.slice(0, 2)).toEqual([3, 2]);
  expect(bisected).toEqual(expect.arrayContaining([4, 5]));
});

test('what touches no traffic at its severest is not tried milder', () => {
  const asked = walk([ONE], 1, () => 'no-effect');
  expect(asked.map(({ level }) => level)).toEqual([3, 5, 6, 7]);
});

test('an answer that contradicts the ones before moves the boundary, and what is new there comes first', () => {
  // Level 2 breaks by chance, after 3 has held.
  const ladder = { ...ONE, levels: 12 };
  const asked = walk([ladder], 1, (_track, level) => (level === 2 || level >= 5 ? 'breaks' : 'holds'));
  const levels = asked.map(({ level }) => level);
  expect(levels.slice(0, 3)).toEqual([5, 2, 0]);
  expect(levels.slice(levels.indexOf(2)).slice(0, 3)).toEqual([2, 0, 1]);
  const later = walk([ONE], 1, (_track, level) => (level === 2 || level >= 5 ? 'breaks' : 'holds'));
  const order8 = later.map(({ level }) => level);
  expect(order8.slice(0, 3)).toEqual([3, 5, 4]);
  expect(order8[order8.indexOf(2) + 1]).toBe(1);
});

test('kinds keep their order, and edges take turns in being first', () => {
  const ladders = ['latency', 'reset'].flatMap((kind) => ['a', 'b', 'c'].map((edge) => ({ edge, kind, levels: 1 })));
  const firsts = Array.from({ length: 40 }, (_, seed) => {
    const asked = walk(ladders, seed, () => 'holds').map(({ track }) => ladders[track]);
    expect(asked.map((ladder) => ladder?.kind)).toEqual(ladders.map(({ kind }) => kind));
    return asked[0]?.edge;
  });
  expect(new Set(firsts)).toEqual(new Set(['a', 'b', 'c']));
});
