import { describe, expect, test } from 'vitest';
import { type CanaryRecord, canaryBlocks } from '../../../chaos/drills/canary.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import { analyseCanary } from '../../../lib/judge/drills/canary-analysis.ts';
import { drillResults } from '../../../lib/judge/drills/picture.ts';
import type { Observations, Second } from '../../../lib/observe/observations.ts';
import { healthy, operation, second, times } from '../builders.ts';
import { normal, outcomesOf as outcomesOfRuns, seeded } from '../random.ts';
import { EDGE, checkOf, drillPlan, outcomesOf } from './plans.ts';
import { calls } from './traffic.ts';

const RATE = 80;
const CANARY = {
  kind: 'canary',
  capability: 'pricing',
  shares: [25, 100],
  analysis: { operation: 'quote', under: '60ms', margin: '3%' },
};
const plan = drillPlan(CANARY, RATE);
const drill = plan.drills[0] as Drill<'canary'>;

/** Each block's requests, of which so many are bad. */
function blocksOf(
  one: Drill<'canary'>,
  badIn: (share: number, withCanary: boolean) => number,
  perBlock = RATE,
): readonly Second[] {
  return one.shares.flatMap((share) =>
    canaryBlocks(share, one).map(({ step, withCanary }) => {
      const { phase, startMs } = stepOf(one, step);
      const bad = badIn(share, withCanary);
      const operations = [operation({ phase, okMs: [...times(perBlock - bad, 5), ...times(bad, 90)] })];
      return second({ t: Math.floor(startMs / 1_000), phase, operations });
    }),
  );
}

/** Of the requests that go to the candidate, and of the others, this share is bad. */
function mixed(
  random: () => number,
  { candidate, baseline, bursts = 0 }: { candidate: number; baseline: number; bursts?: number },
) {
  return (share: number, withCanary: boolean): number => {
    // What the machine does to a whole block, whoever answers in it.
    const disturbed = Math.max(0, bursts * normal(random));
    let bad = 0;
    for (let request = 0; request < RATE; request += 1) {
      const isCandidate = withCanary && random() < share / 100;
      if (random() < (isCandidate ? candidate : baseline) + disturbed) bad += 1;
    }
    return bad;
  };
}

/** What the drill's act decides: at each share in turn. */
function decided(random: () => number, how: Parameters<typeof mixed>[1]): string {
  const seconds = blocksOf(drill, mixed(random, how));
  return drill.shares.some((share) => analyseCanary(drill, share, seconds).decision?.outcome === 'fail')
    ? 'fail'
    : 'pass';
}

describe('the decision', () => {
  const RUNS = 2_000;
  test.each([
    ['a quiet machine', { candidate: 0.005, baseline: 0.005 }],
    ['one on which some requests are bad', { candidate: 0.05, baseline: 0.05 }],
    ['one with bursts over whole blocks', { candidate: 0.01, baseline: 0.01, bursts: 0.08 }],
  ])('a canary that is the same is stopped at most once in a hundred, on %s', (_, how) => {
    const { fail = 0 } = outcomesOfRuns(RUNS, (seed) => decided(seeded(seed), how));
    // Of a probability of 1 % more than 34 in 2,000 come once in a thousand.
    expect(fail).toBeLessThanOrEqual(34);
  });

  test.each([
    ['80 ms slower', { candidate: 0.98, baseline: 0.005 }],
    ['80 ms slower, on a machine with bursts', { candidate: 0.98, baseline: 0.01, bursts: 0.05 }],
    ['bad in one of three', { candidate: 0.33, baseline: 0.005 }],
  ])('one that is %s is stopped', (_, how) => {
    const { fail = 0 } = outcomesOfRuns(500, (seed) => decided(seeded(seed), how));
    expect(fail).toBeGreaterThanOrEqual(498);
  });
});

function seenIn(
  seconds: readonly Second[],
  record: CanaryRecord | undefined,
  parts: Partial<Observations> = {},
): Observations {
  const records = record === undefined ? {} : { records: { canary: record } };
  return { ...healthy(plan), seconds, drills: [{ drill: 'canary', requests: [], probes: [], ...records }], ...parts };
}

const GOOD = blocksOf(drill, () => 0);
const BAD = blocksOf(drill, (share, withCanary) => (withCanary ? Math.round((RATE * share) / 100) : 0));
const at = (share: number, stop = false) => ({ share, stop, atMs: stepOf(drill, `${share}-analysis`).startMs + 3_000 });
const PROMOTED: CanaryRecord = { notMoved: [], decisions: [at(25), at(100)] };
const STOPPED: CanaryRecord = { notMoved: [], decisions: [at(25, true)], backMs: at(25).atMs + 20 };

describe('RBK-5', () => {
  test('a canary that is as good is promoted', () => {
    const observations = seenIn(GOOD, PROMOTED);
    expect(outcomesOf(plan, observations)).toEqual({ promoted: 'pass' });
    const check = checkOf('promoted', plan, observations);
    expect(check.reason).toBe('promoted up to 100 %: ±0 points bad requests (±0 points to ±0 points)');
    const [result] = drillResults(plan, observations, [check]);
    expect(result?.steps.map(({ name }) => name)).toEqual(['25 %', 'analysis', '100 %', 'analysis']);
    expect(result?.details[0]).toMatchObject({
      rows: [expect.anything(), ['100 %', '0 %', '0 %', expect.anything(), 'went on']],
    });
  });

  test('one that is worse is stopped and taken out', () => {
    const observations = seenIn(BAD, STOPPED);
    expect(outcomesOf(plan, observations)).toEqual({ promoted: 'fail', stopped: 'pass' });
    expect(checkOf('promoted', plan, observations).reason).toBe(
      'the candidate is worse: stopped at 25 %, rolled back 20 ms later; +100 points bad requests (+100 points to +100 points) at 25 %, allowed is 3 %',
    );
  });

  const few = BAD.filter(({ phase }) => !phase.includes('25-01'));
  const slightly = blocksOf(drill, (share, withCanary) => (withCanary && share === 100 ? 3 : 1));
  const noisy = blocksOf(
    drill,
    (() => {
      const random = seeded(3);
      return () => Math.round(20 * random());
    })(),
  );
  test.each<[string, Observations, Record<string, string>]>([
    ['is worse and was not stopped', seenIn(BAD, PROMOTED), { promoted: 'fail' }],
    ['was stopped, but is not worse', seenIn(GOOD, STOPPED), { promoted: 'inconclusive', stopped: 'pass' }],
    ['is worse by less than the margin', seenIn(slightly, PROMOTED), { promoted: 'pass' }],
    ['has too much noise around it', seenIn(noisy, PROMOTED), { promoted: 'inconclusive' }],
    [
      'was stopped too late',
      seenIn(BAD, { ...STOPPED, backMs: at(25).atMs + 3_500 }),
      { promoted: 'fail', stopped: 'fail' },
    ],
    [
      'could not be taken out',
      seenIn(BAD, { notMoved: [], decisions: [at(25, true)], backError: 'HTTP 500' }),
      { promoted: 'fail', stopped: 'fail' },
    ],
    ['did not get to its last share', seenIn(GOOD, { ...PROMOTED, decisions: [at(25)] }), { promoted: 'inconclusive' }],
    ['was moved too late', seenIn(GOOD, { ...PROMOTED, notMoved: ['25-04-settle'] }), { promoted: 'inconclusive' }],
    ['has a block without requests', seenIn(few, PROMOTED), { promoted: 'fail' }],
    ['has no requests at all', seenIn([], PROMOTED), { promoted: 'inconclusive' }],
    ['nothing is known of', seenIn(GOOD, undefined), { promoted: 'inconclusive' }],
  ])('one that %s', (_, observations, expected) => {
    expect(outcomesOf(plan, observations)).toEqual(expected);
  });

  test('the margin is of its own requests, not of all', () => {
    const seconds = blocksOf(drill, (_, withCanary) => (withCanary ? 1 : 0));
    // One in 80: of the candidate's own at a quarter of the traffic 5 %, at all of it 1.25 %.
    expect(analyseCanary(drill, 25, seconds).decision?.outcome).toBe('fail');
    expect(analyseCanary(drill, 100, seconds).decision?.outcome).toBe('pass');
  });

  test('calls that go on arriving show that it was not taken out', () => {
    const watched = drillPlan({ ...CANARY, edges: [{ edge: EDGE }] }, RATE);
    const { startMs } = stepOf(drill, '25-analysis');
    const before = calls(EDGE, startMs, at(25).atMs, 20);
    const judge = (attempts: Observations['attempts']) =>
      outcomesOf(watched, seenIn(BAD, STOPPED, { attempts, loadEndMs: watched.load.phases.at(-1)?.endMs ?? 0 }))[
        'stopped'
      ];
    expect(judge(before)).toBe('pass');
    expect(judge([...before, ...calls(EDGE, at(25).atMs, at(25).atMs + 2_900, 20)])).toBe('pass');
    expect(judge([...before, ...calls(EDGE, at(25).atMs, at(25).atMs + 6_000, 20)])).toBe('fail');
    expect(judge([])).toBe('inconclusive');
  });
});
