/**
 * What the harness itself costs: CPU and resident memory of the `cutover` process, from its own timeline, at a high rate of
 * the lightest load there is. Where that rate leaves k6 no room, the highest that does is looked for first, in steps of a
 * fifth, each tried for a few seconds.
 *
 * Goals: at most 5 % of a core, at most 150 MB, no growth.
 *
 *   npx node test/bench/harness-cost.ts [rate a second] [seconds]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { theilSen } from '../../lib/judge/statistics/theil-sen.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { readTimeline } from '../../lib/observe/timeline.ts';
import type { Check, Verdict } from '../../reports/model/verdict.ts';
import { runCli } from '../helpers/cli.ts';
import { benchFolder, machine, startTarget } from './support.ts';

interface Run {
  readonly seconds: readonly Second[];
  readonly generator: Check;
}

const TRIAL_SECONDS = 10;
const LEAST_RATE = 100;
const MB = 1e6;

const [wanted = 2_000, seconds = 120] = process.argv.slice(2).map(Number);
using folder = benchFolder();
using target = await startTarget(folder.path);

let rate = wanted;
for (;;) {
  const { generator } = await run(rate, Math.min(TRIAL_SECONDS, seconds));
  if (generator.outcome === 'pass') break;
  console.error(`${rate}/s is too much for k6 here: ${generator.reason}`);
  rate = Math.floor(rate * 0.8);
  if (rate < LEAST_RATE) throw new Error('the load generator was not healthy at any rate: is the machine busy?');
}
report(await run(rate, seconds));

async function run(perSecond: number, lengthSeconds: number): Promise<Run> {
  const load = {
    scenario: 'builtin:http',
    env: { URL: target.url },
    phases: [{ name: 'steady', duration: `${lengthSeconds}s`, rate: `${perSecond}/s` }],
    maxVUs: 200,
  };
  const budgets = [{ kind: 'errors', phase: 'steady', atMost: '1%' }];
  const config = {
    version: 1,
    system: { services: { target: { url: target.url } } },
    experiments: [{ version: 1, name: 'bench', load, budgets }],
  };
  writeFileSync(join(folder.path, 'cutover.config.json'), JSON.stringify(config));
  const { code, stdout, stderr } = await runCli(folder.path, ['run']);
  // Inconclusive is an answer here: what k6 had no room for.
  if (code !== 0 && code !== 3) throw new Error(`the harness ended with ${code}:\n${stdout}\n${stderr}`);
  const latest = join(folder.path, 'reports/out/bench/latest');
  const { checks } = JSON.parse(readFileSync(join(latest, 'verdict.json'), 'utf8')) as Verdict;
  const generator = checks.find(({ kind }) => kind === 'generator');
  if (generator === undefined) throw new Error('the verdict says nothing about the generator');
  return { seconds: readTimeline(readFileSync(join(latest, 'timeline.ndjson'), 'utf8')), generator };
}

function report({ seconds: observed, generator }: Run): void {
  const own = observed.flatMap(({ t, resources }) =>
    resources.filter(({ source }) => source === 'cutover').map((resource) => ({ ...resource, t })),
  );
  const third = Math.ceil(own.length / 3);
  const cores = own.reduce((sum, { cpuCores }) => sum + cpuCores, 0) / own.length;
  const most = [0, 1, 2].map((index) =>
    Math.max(...own.slice(index * third, (index + 1) * third).map(({ rssBytes }) => rssBytes)),
  );
  // Node's heap takes its size in the first third.
  const slope = theilSen(own.slice(third).map(({ t, rssBytes }) => ({ x: t / 60, y: rssBytes / MB })));
  const requests = observed
    .flatMap(({ operations }) => operations)
    .reduce((sum, { succeeded }) => sum + succeeded.count, 0);
  const lower = rate === wanted ? '' : ` (wanted were ${wanted}/s: more left k6 no room)`;
  console.log(`${rate}/s${lower} for ${seconds} s, ${requests} requests, ${machine()}`);
  console.log(`CPU: ${(cores * 100).toFixed(2)} % of a core on average (goal: ≤ 5 %)`);
  const [start, middle, end] = most.map((bytes) => (bytes / MB).toFixed(0));
  console.log(`memory: at most ${start}, ${middle} and ${end} MB in the thirds of the run (goal: ≤ 150 MB)`);
  const [estimate, low, high] = [slope.estimate, slope.lower, slope.upper].map((value) => value.toFixed(2));
  console.log(`growth after the first third: ${estimate} MB/min (95 %: ${low} to ${high}; goal: from 0 or below)`);
  console.log(`GEN-1: ${generator.outcome}: ${generator.reason}; ${generator.measured}`);
}
