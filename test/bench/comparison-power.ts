/**
 * How often a comparison is red, green and undecided: simulated runs whose blocks vary by a known coefficient of variation,
 * the candidate the same (A/A) or 10 % slower (A/B). As in CMP-1, four figures are compared, of which only the first is
 * slower; the run is red when any of them is.
 *
 *   npx node test/bench/comparison-power.ts [runs]
 */
import { type Question, decide } from '../../lib/judge/comparison/decide.ts';
import { normal, seeded } from '../judge/random.ts';

const METRICS = 4;
export const CONFIDENCE = 0.99;

export interface Power {
  /** Share of runs with any red check, of all; and those in which none was inconclusive either. */
  readonly red: number;
  readonly green: number;
}

/** `shift`: how much slower the candidate's first figure is (0.1 = 10 %). */
export function simulate(runs: number, blocks: number, variation: number, shift: number, seed = 1): Power {
  const random = seeded(seed);
  const question: Question = {
    effect: 'ratio',
    higherIsBetter: false,
    margin: 0.1,
    falseAlarm: (1 - CONFIDENCE) / METRICS,
  };
  // Log-normal: the noise of a block's p95 has a longer tail upwards.
  const sigma = Math.sqrt(Math.log1p(variation ** 2));
  const draw = (by: number) => Array.from({ length: blocks }, () => 20 * (1 + by) * Math.exp(sigma * normal(random)));
  let [red, green] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const outcomes = Array.from(
      { length: METRICS },
      (_, metric) => decide(draw(0), draw(metric === 0 ? shift : 0), question).outcome,
    );
    if (outcomes.includes('fail')) red += 1;
    else if (outcomes.every((outcome) => outcome === 'pass')) green += 1;
  }
  return { red: red / runs, green: green / runs };
}

if (import.meta.main) {
  const runs = Number(process.argv[2] ?? 10_000);
  const percent = (share: number) => `${(share * 100).toFixed(2)} %`;
  console.log('| blocks of each | CV | A/A: red | A/A: green | 10 % slower: red | 10 % slower: green |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const blocks of [6, 16, 36]) {
    for (const variation of [0.03, 0.05, 0.08]) {
      const same = simulate(runs, blocks, variation, 0, blocks);
      const slower = simulate(runs, blocks, variation, 0.1, blocks + 1);
      console.log(
        `| ${blocks} | ${variation * 100} % | ${percent(same.red)} | ${percent(same.green)} | ${percent(slower.red)} | ${percent(slower.green)} |`,
      );
    }
  }
}
