/**
 * What the harness costs the load generator: the same k6 script at the same rate, bare (its own summary on), under cutover,
 * and with k6's JSON output, in interleaved rounds on one machine. Prints CPU a request, requests a second and what was
 * written, and the ratios.
 *
 *   npx node test/bench/overhead.ts [rounds] [rate a second] [seconds]
 */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Verdict } from '../../reports/model/verdict.ts';
import { arrivals } from '../../scenarios/support/profile.ts';
import { runCli } from '../helpers/cli.ts';
import { benchFolder, findK6, machine, median, readTimes, runToEnd, startTarget, timedK6 } from './support.ts';

interface Sample {
  readonly cpuSeconds: number;
  readonly requests: number;
  readonly bytes: number;
}

const KINDS = ['bare', 'cutover', 'json'] as const;
type Kind = (typeof KINDS)[number];

const [rounds = 5, rate = 600, seconds = 15] = process.argv.slice(2).map(Number);
using folder = benchFolder();
using target = await startTarget(folder.path);
const k6 = await findK6();
const timed = timedK6(folder.path, k6.path);

const samples: Record<Kind, Sample>[] = [];
for (let round = 0; round < rounds; round += 1) {
  // Each round starts with another one, so that a drift of the machine's speed favours none.
  const order = KINDS.map((_, index) => KINDS[(index + round) % KINDS.length] ?? 'bare');
  const taken: Partial<Record<Kind, Sample>> = {};
  for (const kind of order) taken[kind] = kind === 'cutover' ? await runUnderCutover() : await runPlain(kind);
  samples.push(taken as Record<Kind, Sample>);
  console.error(`round ${round + 1} of ${rounds}`);
}
report();

function script(): string {
  return `import http from 'k6/http';\nexport default function () { http.get(${JSON.stringify(target.url)}, { tags: { name: 'get' } }); }\n`;
}

async function runPlain(kind: 'bare' | 'json'): Promise<Sample> {
  const phases = [{ name: 'steady', startMs: 0, endMs: seconds * 1_000, fromPerSecond: rate, toPerSecond: rate }];
  const options = { scenarios: { load: arrivals({ phases, maxVUs: rate }) } };
  const [path, summary, json] = ['bare.js', 'summary.json', 'samples.json'].map((name) => join(folder.path, name));
  writeFileSync(path ?? '', `export const options = ${JSON.stringify(options)};\n${script()}`);
  const out = kind === 'json' ? [`--out=json=${json}`] : [];
  const args = ['run', '--no-usage-report', '--quiet', '--summary-export', summary ?? '', ...out, path ?? ''];
  await runToEnd(timed, args, { K6_AUTO_EXTENSION_RESOLUTION: 'false' });
  const { metrics } = JSON.parse(readFileSync(summary ?? '', 'utf8')) as { metrics: { http_reqs: { count: number } } };
  return {
    cpuSeconds: readTimes(folder.path),
    requests: metrics.http_reqs.count,
    bytes: kind === 'json' ? statSync(json ?? '').size : 0,
  };
}

async function runUnderCutover(): Promise<Sample> {
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
          maxVUs: rate,
        },
        budgets: [{ kind: 'errors', phase: 'steady', atMost: '1%' }],
      },
    ],
  };
  writeFileSync(join(folder.path, 'cutover.config.json'), JSON.stringify(config));
  writeFileSync(join(folder.path, 'bench.js'), script());
  const { code, stdout, stderr } = await runCli(folder.path, ['run'], { CUTOVER_K6: timed });
  if (code !== 0) throw new Error(`the harness ended with ${code}:\n${stdout}\n${stderr}`);
  const run = join(folder.path, 'reports/out/bench/latest');
  const verdict = JSON.parse(readFileSync(join(run, 'verdict.json'), 'utf8')) as Verdict;
  const requests = verdict.operations.reduce((sum, operation) => sum + operation.requests, 0);
  return { cpuSeconds: readTimes(folder.path), requests, bytes: statSync(join(run, 'timeline.ndjson')).size };
}

function report(): void {
  const perRequest = ({ cpuSeconds, requests }: Sample) => (cpuSeconds / requests) * 1e6;
  console.log(`${k6.version}, ${rate}/s for ${seconds} s, ${rounds} rounds, ${machine()}\n`);
  console.log('| | µs CPU a request | against bare | requests/s | against bare | bytes kept a request |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  for (const kind of KINDS) {
    const of = (value: (sample: Sample) => number) => median(samples.map((round) => value(round[kind])));
    const ratio = (value: (sample: Sample) => number) =>
      median(samples.map((round) => value(round[kind]) / value(round.bare)));
    const throughput = ({ requests }: Sample) => requests / seconds;
    const cells = [
      { bare: 'bare k6, summary on', cutover: 'under cutover', json: 'k6 --out json' }[kind],
      of(perRequest).toFixed(0),
      `${ratio(perRequest).toFixed(3)} ×`,
      of(throughput).toFixed(1),
      `${ratio(throughput).toFixed(4)} ×`,
      kind === 'bare' ? '–' : of(({ bytes, requests }) => bytes / requests).toFixed(1),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}
