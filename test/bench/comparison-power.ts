/**
 * How often a comparison is red, green and undecided: simulated runs whose blocks vary by a known coefficient of variation,
 * the candidate the same (A/A) or 10 % slower (A/B). As in CMP-1, four figures are compared, of which only the first is
 * slower; the run is red when any of them is, green when all are, else undecided.
 *
 *   npx node test/bench/comparison-power.ts [runs]
 */
import { type Question, decide } from '../../lib/judge/comparison/decide.ts';
import { comparisonSchema } from '../../lib/plan/schema/comparison.ts';
import { normal, seeded } from '../judge/random.ts';

const { blocks: DEFAULT_BLOCKS, confidence, metrics } = comparisonSchema.parse({});

export interface Power {
  /** Shares of the runs; what is left is inconclusive. */
  readonly red: number;
  readonly green: number;
}

/** `shift`: how much slower the candidate's first figure is (0.1 = 10 %). */
export function simulate(runs: number, blocks: number, variation: number, shift: number, seed = 1): Power {
  const random = seeded(seed);
  const question: Question = {
    effect: 'ratio',
    higherIsBetter: false,
    everyEventCounts: false,
    margin: 0.1,
    falseAlarm: (1 - confidence) / metrics.length,
  };
  // Log-normal: the noise of a block's p95 has a longer tail upwards.
  const sigma = Math.sqrt(Math.log1p(variation ** 2));
  const draw = (by: number) => Array.from({ length: blocks }, () => 20 * (1 + by) * Math.exp(sigma * normal(random)));
  let [red, green] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const outcomes = metrics.map((_, index) => decide(draw(0), draw(index === 0 ? shift : 0), question).outcome);
    if (outcomes.includes('fail')) red += 1;
    else if (outcomes.every((outcome) => outcome === 'pass')) green += 1;
  }
  return { red: red / runs, green: green / runs };
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? 10_000);
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  const cells = ({ red, green }: Power) => [red, green, Math.max(0, 1 - red - green)].map(percent).join(' | ');
  console.log(
    '| blocks of each | CV | same: red (false alarm) | green | inconclusive | 10 % slower: red (power) | green | inconclusive |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const blocks of [6, 12, 16, 24, DEFAULT_BLOCKS]) {
    for (const variation of [0.03, 0.05, 0.08]) {
      const same = simulate(runs, blocks, variation, 0, blocks);
      const slower = simulate(runs, blocks, variation, 0.1, blocks + 1);
      console.log(`| ${blocks} | ${variation * 100} % | ${cells(same)} | ${cells(slower)} |`);
    }
  }
}
