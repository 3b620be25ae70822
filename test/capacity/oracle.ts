import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CapacityReport, capacityReportSchema } from '../../reports/model/capacity.ts';
import type { ConfigInput } from '../../lib/index.ts';
import { type CliResult, makeProject, runCli } from '../helpers/cli.ts';

const SERVER = fileURLToPath(new URL('fixtures/c-worker-server.mjs', import.meta.url));

/** Four workers of 20 ms: 200 a second. */
export const CAPACITY = 200;

/** Looks for the capacity of the server whose capacity is known, through the command line. */
export async function searchOracle(
  args: readonly string[],
  capacity: object = {},
): Promise<CliResult & { readonly report: CapacityReport; readonly folder: string }> {
  const config: ConfigInput = {
    version: 1,
    system: {
      services: {
        workers: {
          process: { command: [process.execPath, SERVER, '{{workers.http}}', '4', '20', '2000'] },
          ports: ['http'],
          ready: { http: 'http://{{workers.http}}/readyz' },
        },
      },
    },
    experiments: [
      {
        version: 1,
        name: 'oracle',
        load: {
          scenario: 'builtin:http',
          env: { URL: 'http://{{workers.http}}/work' },
          phases: [{ name: 'steady', duration: '5s', rate: '100/s' }],
          maxVUs: 200,
        },
        // Service takes 20 ms: more than 100 ms is a queue that grows.
        budgets: [{ name: 'no queue', kind: 'latency', phase: 'steady', under: '100ms', atLeast: '95%' }],
        capacity: { warmUp: '2s', duration: '6s', ...capacity },
      },
    ],
  };
  const folder = makeProject({ 'cutover.config.json': config });
  const result = await runCli(folder, ['capacity', 'oracle', ...args]);
  const latest = join(folder, 'reports/out/oracle-capacity/latest');
  const report = capacityReportSchema.parse(JSON.parse(readFileSync(join(latest, 'capacity.json'), 'utf8')));
  return { ...result, report, folder: latest };
}
