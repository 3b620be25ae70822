/**
 * How long a soak must be for a memory growth of at most 1 % an hour to be shown: simulated phases of a service whose memory
 * does not grow, but wobbles by a known standard deviation, as independent values and as ones that stay where they are for a
 * while (AR(1), 0.8 from bin to bin). A phase is 120 bins however long it is, as in lib/judge/memory-growth.ts.
 *
 *   npx node test/bench/soak-power.ts [runs]
 */
import { theilSen } from '../../lib/judge/statistics/theil-sen.ts';
import { normal, seeded } from '../judge/random.ts';

const BINS = 120;
const AT_MOST_PERCENT = 1;
const HOURS = [0.25, 0.5, 1, 2, 4, 8];

interface Shares {
  readonly green: number;
  readonly red: number;
}

/** `wobble` in percent of the memory's size; shares of the runs that pass and that fail, the others are inconclusive. */
function simulate(runs: number, hours: number, wobble: number, correlation: number, seed: number): Shares {
  const random = seeded(seed);
  let [green, red] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    let noise = normal(random);
    const points = Array.from({ length: BINS }, (_, index) => {
      noise = correlation * noise + Math.sqrt(1 - correlation ** 2) * normal(random);
      return { x: ((index + 0.5) / BINS) * hours, y: wobble * noise };
    });
    const { lower, upper } = theilSen(points);
    if (upper <= AT_MOST_PERCENT) green += 1;
    else if (lower > AT_MOST_PERCENT) red += 1;
  }
  return { green: green / runs, red: red / runs };
}

const [runs = 400] = process.argv.slice(2).map(Number);
const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
console.log(`shown not to grow by more than 1 %/h / false alarm, ${runs} runs each\n`);
console.log(`| wobble | from bin to bin | ${HOURS.map((hours) => `${hours} h`).join(' | ')} |`);
console.log(`| --- | --- | ${HOURS.map(() => '---').join(' | ')} |`);
for (const wobble of [0.5, 1, 2, 3]) {
  for (const correlation of [0, 0.8]) {
    const cells = HOURS.map((hours, index) => {
      const { green, red } = simulate(runs, hours, wobble, correlation, index + 1);
      return `${percent(green)} / ${percent(red)}`;
    });
    console.log(`| ${wobble} % | ${correlation === 0 ? 'independent' : correlation} | ${cells.join(' | ')} |`);
  }
}
