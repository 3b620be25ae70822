/**
 * Context: how many requests a second bare k6, vegeta and wrk get out of the same target on this machine, one after the
 * other in interleaved rounds. vegeta is built from its Go module; wrk must be installed (Debian: wrk), else it is left out.
 *
 *   npx node test/bench/generators.ts [rounds] [seconds]
 */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchFolder, buildGo, findK6, machine, median, runToEnd, startTarget } from './support.ts';

const CONNECTIONS = 50;
const [rounds = 3, seconds = 10] = process.argv.slice(2).map(Number);
using folder = benchFolder();
using target = await startTarget(folder.path);
const k6 = await findK6();
const vegeta = buildGo(folder.path, 'vegeta');
const hasWrk = spawnSync('wrk', ['--version']).error === undefined;
if (!hasWrk) console.error('wrk is not installed: left out');

async function runK6(): Promise<number> {
  const [path, summary] = [join(folder.path, 'max.js'), join(folder.path, 'max.json')];
  writeFileSync(
    path,
    `import http from 'k6/http';\nexport const options = { vus: ${CONNECTIONS}, duration: '${seconds}s' };\nexport default function () { http.get(${JSON.stringify(target.url)}); }\n`,
  );
  await runToEnd(k6.path, ['run', '--no-usage-report', '--quiet', '--summary-export', summary, path]);
  const { metrics } = JSON.parse(readFileSync(summary, 'utf8')) as { metrics: { http_reqs: { count: number } } };
  return metrics.http_reqs.count / seconds;
}

async function runVegeta(): Promise<number> {
  return Number((await runToEnd(vegeta, [target.url, String(seconds)])).trim());
}

async function runWrk(): Promise<number> {
  const output = await runToEnd('wrk', ['-t2', `-c${CONNECTIONS}`, `-d${seconds}s`, target.url]);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}

const generators = { k6: runK6, vegeta: runVegeta, ...(hasWrk ? { wrk: runWrk } : {}) };
const results = new Map<string, number[]>();
for (let round = 0; round < rounds; round += 1) {
  for (const [name, run] of Object.entries(generators)) results.set(name, [...(results.get(name) ?? []), await run()]);
  console.error(`round ${round + 1} of ${rounds}`);
}
const base = median(results.get('k6') ?? []);
console.log(`${CONNECTIONS} connections, ${seconds} s each, ${rounds} rounds, ${machine()}\n`);
console.log('| generator | requests/s (median) | against k6 |\n| --- | --- | --- |');
for (const [name, values] of results) {
  console.log(`| ${name} | ${median(values).toFixed(0)} | ${(median(values) / base).toFixed(2)} × |`);
}
