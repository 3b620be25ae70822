/**
 * What the harness itself costs: CPU and resident memory of the `cutover` process, from its own timeline, at a high rate.
 *
 *   npx node test/bench/harness-cost.ts [rate a second] [seconds]
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTimeline } from '../../lib/observe/timeline.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { runCli } from '../helpers/cli.ts';
import { benchFolder, machine, startTarget } from './support.ts';

const [rate = 2_000, seconds = 120] = process.argv.slice(2).map(Number);
using folder = benchFolder();
using target = await startTarget(folder.path);
const config = {
  version: 1,
  system: { services: { target: { url: target.url } } },
  experiments: [
    {
      version: 1,
      name: 'bench',
      load: {
        scenario: './bench.js',
        phases: [{ name: 'steady', duration: `${seconds}s`, rate: `${rate}/s` }],
        maxVUs: 200,
      },
      budgets: [{ kind: 'errors', phase: 'steady', atMost: '1%' }],
    },
  ],
};
writeFileSync(join(folder.path, 'cutover.config.json'), JSON.stringify(config));
writeFileSync(
  join(folder.path, 'bench.js'),
  `import http from 'k6/http';\nexport default function () { http.get(${JSON.stringify(target.url)}, { tags: { name: 'get' } }); }\n`,
);
await runCli(folder.path, ['run']);
const run = join(folder.path, 'reports/out/bench/latest');
const verdict = JSON.parse(readFileSync(join(run, 'verdict.json'), 'utf8')) as Verdict;
const own = readTimeline(readFileSync(join(run, 'timeline.ndjson'), 'utf8')).flatMap(({ resources }) =>
  resources.filter(({ source }) => source === 'cutover'),
);
const third = Math.floor(own.length / 3);
const mib = (from: number, to: number) => Math.max(...own.slice(from, to).map(({ rssBytes }) => rssBytes)) / 1024 ** 2;
const cores = own.reduce((sum, { cpuCores }) => sum + cpuCores, 0) / own.length;
const generator = verdict.checks.find(({ kind }) => kind === 'generator');
console.log(`${rate}/s for ${seconds} s, ${machine()}`);
console.log(`cutover: ${(cores * 100).toFixed(2)} % of a core on average`);
console.log(
  `cutover: ${mib(0, third).toFixed(0)} MiB resident at most in the first third, ${mib(third, 2 * third).toFixed(0)} in the second, ${mib(2 * third, own.length).toFixed(0)} in the last`,
);
console.log(`generator: ${generator?.outcome}: ${generator?.measured}`);
