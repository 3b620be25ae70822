/**
 * What the harness costs the load generator: the same k6 script at the same rate, bare and under cutover, in interleaved
 * pairs on one machine. Prints CPU per request and achieved requests a second of each, and the ratios.
 *
 *   npx node test/bench/overhead.ts [pairs] [rate a second] [seconds]
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import type { Verdict } from '../../reports/model/verdict.ts';
import { arrivals } from '../../scenarios/support/profile.ts';
import { cacheDir } from '../../lib/toolchain/cache-dir.ts';
import { resolveTool } from '../../lib/toolchain/toolchain.ts';
import { runCli } from '../helpers/cli.ts';

interface Sample {
  readonly cpuSeconds: number;
  readonly requests: number;
  readonly requestsPerSecond: number;
}

if (isMainThread) await main();
else serve();

async function main(): Promise<void> {
  const [pairs = 5, rate = 600, seconds = 15] = process.argv.slice(2).map(Number);
  const folder = mkdtempSync(join(tmpdir(), 'cutover-bench-'));
  const context = {
    env: process.env,
    cacheDir: cacheDir(process.env),
    signal: new AbortController().signal,
    onProgress: () => {},
  };
  const k6 = await resolveTool('k6', context);
  const server = new Worker(fileURLToPath(import.meta.url));
  const [port] = (await once(server, 'message')) as [number];
  const url = `http://127.0.0.1:${port}/`;
  const timed = timedK6(folder, k6.path);

  const samples: { bare: Sample; harness: Sample }[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    // Each pair starts with the other one, so that a drift of the machine's speed favours neither.
    const bareFirst = pair % 2 === 1;
    const first = bareFirst
      ? await runBare(folder, timed, url, rate, seconds)
      : await runUnderCutover(folder, timed, url, rate, seconds);
    const second = bareFirst
      ? await runUnderCutover(folder, timed, url, rate, seconds)
      : await runBare(folder, timed, url, rate, seconds);
    const sample = bareFirst ? { bare: first, harness: second } : { bare: second, harness: first };
    samples.push(sample);
    console.log(`pair ${pair}: bare ${describe(sample.bare)}; under cutover ${describe(sample.harness)}`);
  }
  await server.terminate();
  rmSync(folder, { recursive: true, force: true });
  report(
    samples,
    `${k6.version}, ${rate}/s for ${seconds} s, ${pairs} pairs, ${cpus().length} CPUs (${cpus()[0]?.model})`,
  );
}

/** The target: answers at once, in a thread of its own. */
function serve(): void {
  const server = createServer((_, response) => response.end('ok'));
  server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
}

/** A k6 that also writes down the CPU time it took (user and system, from the shell's `times`). */
function timedK6(folder: string, k6: string): string {
  const path = join(folder, 'k6');
  writeFileSync(path, `#!/bin/bash\n"${k6}" "$@"\ncode=$?\ntimes > "${folder}/times"\nexit $code\n`);
  chmodSync(path, 0o755);
  return path;
}

async function runBare(folder: string, k6: string, url: string, rate: number, seconds: number): Promise<Sample> {
  const phases = [{ name: 'steady', startMs: 0, endMs: seconds * 1_000, fromPerSecond: rate, toPerSecond: rate }];
  const options = { scenarios: { load: arrivals({ phases, maxVUs: rate * 2 }) } };
  const script = join(folder, 'bare.js');
  const summary = join(folder, 'summary.json');
  writeFileSync(
    script,
    `import http from 'k6/http';\nexport const options = ${JSON.stringify(options)};\nexport default function () { http.get(${JSON.stringify(url)}, { tags: { name: 'get' } }); }\n`,
  );
  const env = { ...process.env, K6_AUTO_EXTENSION_RESOLUTION: 'false' };
  const child = spawn(k6, ['run', '--no-usage-report', '--quiet', '--summary-export', summary, script], {
    stdio: 'ignore',
    env,
  });
  await once(child, 'exit');
  const { metrics } = JSON.parse(readFileSync(summary, 'utf8')) as {
    metrics: { http_reqs: { count: number; rate: number } };
  };
  return {
    cpuSeconds: readTimes(folder),
    requests: metrics.http_reqs.count,
    requestsPerSecond: metrics.http_reqs.count / seconds,
  };
}

async function runUnderCutover(
  folder: string,
  k6: string,
  url: string,
  rate: number,
  seconds: number,
): Promise<Sample> {
  const config = {
    version: 1,
    system: { services: { target: { url } } },
    experiments: [
      {
        version: 1,
        name: 'bench',
        load: {
          scenario: './bench.js',
          phases: [{ name: 'steady', duration: `${seconds}s`, rate: `${rate}/s` }],
          maxVUs: rate * 2,
        },
        budgets: [{ kind: 'errors', phase: 'steady', atMost: '1%' }],
      },
    ],
  };
  writeFileSync(join(folder, 'cutover.config.json'), JSON.stringify(config));
  writeFileSync(
    join(folder, 'bench.js'),
    `import http from 'k6/http';\nexport default function () { http.get(${JSON.stringify(url)}, { tags: { name: 'get' } }); }\n`,
  );
  const { code, stdout, stderr } = await runCli(folder, ['run'], { CUTOVER_K6: k6 });
  if (code !== 0) throw new Error(`the harness ended with ${code}:\n${stdout}\n${stderr}`);
  const verdict = JSON.parse(readFileSync(join(folder, 'reports/out/bench/latest/verdict.json'), 'utf8')) as Verdict;
  const requests = verdict.operations.reduce((sum, operation) => sum + operation.requests, 0);
  return { cpuSeconds: readTimes(folder), requests, requestsPerSecond: requests / seconds };
}

/** The second line of `times`: user and system time of the children, "0m1.234s 0m0.567s". */
function readTimes(folder: string): number {
  const [, children = ''] = readFileSync(join(folder, 'times'), 'utf8').trim().split('\n');
  return children
    .split(' ')
    .map((text) => /^(\d+)m([\d.]+)s$/.exec(text))
    .reduce((sum, match) => sum + Number(match?.[1]) * 60 + Number(match?.[2]), 0);
}

function report(samples: readonly { bare: Sample; harness: Sample }[], setting: string): void {
  const perRequest = (sample: Sample) => (sample.cpuSeconds / sample.requests) * 1e6;
  const cpu = samples.map(({ bare, harness }) => perRequest(harness) / perRequest(bare));
  const throughput = samples.map(({ bare, harness }) => harness.requestsPerSecond / bare.requestsPerSecond);
  console.log(`\n${setting}\n`);
  console.log('| pair | bare: µs CPU a request | under cutover | ratio | bare: requests/s | under cutover | ratio |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const [index, { bare, harness }] of samples.entries()) {
    const cells = [
      String(index + 1),
      perRequest(bare).toFixed(0),
      perRequest(harness).toFixed(0),
      (cpu[index] ?? Number.NaN).toFixed(3),
      bare.requestsPerSecond.toFixed(1),
      harness.requestsPerSecond.toFixed(1),
      (throughput[index] ?? Number.NaN).toFixed(4),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  console.log(`\nmedian: ${median(cpu).toFixed(3)} × CPU a request, ${median(throughput).toFixed(4)} × requests/s`);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function describe({ cpuSeconds, requests }: Sample): string {
  return `${cpuSeconds.toFixed(2)} s CPU for ${requests} requests`;
}

// The shell that times k6 has to have `times`: bash does.
if (isMainThread && spawnSync('bash', ['-c', 'times']).status !== 0) throw new Error('needs bash');
