import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../chaos/drivers/free-port.ts';
import { type CapacityReport, capacityReportSchema } from '../../reports/model/capacity.ts';
import type { ConfigInput } from '../../lib/index.ts';
import { type CliResult, makeProject, runCli } from '../helpers/cli.ts';
import { until } from '../helpers/until.ts';

const SERVER = fileURLToPath(new URL('fixtures/c-worker-server.mjs', import.meta.url));

/** Four workers of 20 ms: 200 a second. */
export const CAPACITY = 200;

type Service = NonNullable<ConfigInput['system']['services']>[string];

const STARTED: Service = {
  process: { command: [process.execPath, SERVER, '{{workers.http}}', '4', '20', '2000'] },
  ports: ['http'],
  ready: { http: 'http://{{workers.http}}/readyz' },
};

export interface Oracle {
  readonly capacity?: object;
  readonly service?: Service;
}

/** A project with the server whose capacity is known. */
export function oracleProject({ capacity = {}, service = STARTED }: Oracle = {}): string {
  const config: ConfigInput = {
    version: 1,
    system: { services: { workers: service } },
    experiments: [
      {
        version: 1,
        name: 'oracle',
        load: {
          scenario: 'builtin:http',
          env: { URL: 'url' in service ? `${service.url}/work` : 'http://{{workers.http}}/work' },
          phases: [{ name: 'steady', duration: '5s', rate: '100/s' }],
          maxVUs: 200,
        },
        // Service takes 20 ms: more than 100 ms is a queue that grows.
        budgets: [{ name: 'no queue', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '99%' }],
        capacity: { warmUp: '2s', duration: '6s', ...capacity },
      },
    ],
  };
  return makeProject({ 'cutover.config.json': config });
}

/** The newest search of a project: its folder and its report. */
export function searchIn(project: string): { readonly report: CapacityReport; readonly folder: string } {
  const folder = join(project, 'reports/out/oracle-capacity/latest');
  return {
    folder,
    report: capacityReportSchema.parse(JSON.parse(readFileSync(join(folder, 'capacity.json'), 'utf8'))),
  };
}

type Search = CliResult & { readonly report: CapacityReport; readonly folder: string };

const ATTEMPTS = 3;

/**
 * Looks for the capacity of the server whose capacity is known, through the command line, until there is an answer: a search
 * that lost probes because they were inconclusive (other processes took the machine's CPU) is repeated; a wrong one never.
 */
export async function searchOracle(args: readonly string[], oracle: Oracle = {}): Promise<Search> {
  let search = await searchOnce(args, oracle);
  for (let attempt = 2; attempt <= ATTEMPTS && hasNoAnswer(search); attempt += 1) {
    console.log(`${args.join(' ')}: ${search.report.summary}; once more`);
    search = await searchOnce(args, oracle);
  }
  return search;
}

async function searchOnce(args: readonly string[], oracle: Oracle): Promise<Search> {
  const project = oracleProject(oracle);
  const result = await runCli(project, ['capacity', 'oracle', ...args]);
  return { ...result, ...searchIn(project) };
}

function hasNoAnswer({ report: { ending, probes } }: Search): boolean {
  return ending !== 'found' && probes.some(({ outcome }) => outcome === 'inconclusive');
}

/** The same server, started by the test: for the harness one that runs already. */
export async function runningServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [SERVER, url.slice('http://'.length), '4', '20', '2000'], { stdio: 'ignore' });
  await until('the server answers', async () => (await fetch(`${url}/readyz`).catch(() => undefined))?.ok === true);
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit');
      child.kill();
      await ended;
    },
  };
}
