import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUILTIN_SCENARIOS } from '../../lib/plan/resolve.ts';
import { layOut } from '../../scenarios/support/profile.ts';
import { K6_BUILD_TIMEOUT_MS, realK6 } from '../helpers/k6.ts';
import { testContext } from '../helpers/run-context.ts';
import { drive, totals } from './drive.ts';
import { type Monolith, hasGo, startMonolith } from './monolith.ts';
import { decodeWriteLine } from '../../scenarios/support/write-line.ts';

const SCENARIOS = fileURLToPath(new URL('../../scenarios', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'cutover-scenarios-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let k6: string;
beforeAll(async () => {
  k6 = await realK6();
}, K6_BUILD_TIMEOUT_MS);

interface PlainRun {
  readonly status: number | null;
  readonly complaints: readonly string[];
  /** Requests by "protocol operation": all, and those that failed. */
  readonly requests: Readonly<Record<string, number>>;
  readonly failed: number;
  readonly iterations: number;
}

/** Plain k6: the script as it is, for a number of iterations. */
function runPlain(scenario: string, env: Readonly<Record<string, string>>, ...more: readonly string[]): PlainRun {
  const samples = join(folder, `${scenario}.json`);
  const variables = Object.entries(env).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const load = ['--vus', '2', '--iterations', String(ITERATIONS), ...more];
  const output = [`--out=json=${samples}`, '--quiet', '--no-color', '--no-usage-report', '--log-format=json'];
  const { status, stderr } = spawnSync(k6, ['run', ...output, ...load, ...variables, `${scenario}.ts`], {
    cwd: SCENARIOS,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, K6_AUTO_EXTENSION_RESOLUTION: 'false' },
  });
  const requests: Record<string, number> = {};
  let [failed, iterations] = [0, 0];
  for (const line of status === 0 ? readFileSync(samples, 'utf8').trim().split('\n') : []) {
    const { type, metric, data } = JSON.parse(line) as Sample;
    if (type !== 'Point' || data.tags.scenario === undefined) continue;
    const protocol = PROTOCOL_OF[metric];
    if (metric === 'iterations') iterations += 1;
    if (protocol === undefined) continue;
    const key = `${protocol} ${data.tags.name}`;
    requests[key] = (requests[key] ?? 0) + 1;
    if (data.tags.expected_response === 'false' || (data.tags.status !== '0' && protocol === 'grpc')) failed += 1;
  }
  // One says that the iterations take the place of the script's own scenario.
  const complaints = stderr.split('\n').filter((line) => line !== '' && !line.includes('overrode scenarios'));
  return { status, complaints, requests, failed, iterations };
}

interface Sample {
  readonly type: string;
  readonly metric: string;
  readonly data: { readonly tags: Readonly<Record<string, string | undefined>> };
}

const PROTOCOL_OF: Readonly<Record<string, string>> = { http_req_duration: 'http', grpc_req_duration: 'grpc' };
/** With all kinds of operations at equal weights, the chance that any of them is missing is below 10⁻⁶. */
const ITERATIONS = 400;
const MIX = 'quote=1,order=1,append=1,read=1,list=1';

const both = (...names: readonly string[]) => names.flatMap((name) => [`grpc ${name}`, `http ${name}`]);
const mixed = (suffix = '') =>
  both(...['quote', 'order-place', 'ledger-append', 'ledger-get', 'ledger-list'].map((name) => `${name}${suffix}`));

const OPERATIONS: Readonly<Record<string, readonly string[]>> = {
  http: ['http GET /readyz', 'http POST /v1/quotes'],
  'peak-load': mixed(),
  spike: mixed(),
  soak: mixed(),
  breakpoint: mixed(),
  'data-skew': mixed(),
  latency: both('quote'),
  overload: both('quote'),
  'noisy-tenant': both('quote', 'noisy-quote'),
  'mixed-clients': [...mixed(), ...mixed('-previous')],
};

test('every built-in scenario is here, with a bounded load of its own', () => {
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(BUILTIN_SCENARIOS.toSorted());
  for (const scenario of BUILTIN_SCENARIOS) {
    const variables = ['HTTP_URL=http://127.0.0.1:1', 'GRPC_ADDRESS=127.0.0.1:1', 'URL=http://127.0.0.1:1'];
    const { stdout } = spawnSync(
      k6,
      ['inspect', '--execution-requirements', ...variables.flatMap((variable) => ['-e', variable]), `${scenario}.ts`],
      { cwd: SCENARIOS, encoding: 'utf8' },
    );
    const options = JSON.parse(stdout) as {
      scenarios: Record<string, { executor: string }>;
      totalDuration: string;
      maxVUs: number;
    };
    // Bounded, and an open model.
    expect(options.totalDuration, scenario).toMatch(/^(1?\dm)?\d+s$/);
    expect(options.maxVUs, scenario).toBeLessThanOrEqual(500);
    expect(Object.values(options.scenarios).map(({ executor }) => executor)).toEqual(['ramping-arrival-rate']);
  }
});

describe.skipIf(!hasGo && process.env['CI'] === undefined)('against the monolith (needs go)', () => {
  let monolith: Monolith;
  let env: Record<string, string>;
  beforeAll(async () => {
    monolith = await startMonolith();
    const { httpUrl, grpcAddress } = monolith;
    env = { HTTP_URL: httpUrl, GRPC_ADDRESS: grpcAddress, MIX, SEED_ACCOUNTS: '10' };
  }, 600_000);
  afterAll(() => monolith[Symbol.dispose]());

  test.each(Object.keys(OPERATIONS))(
    'plain k6 runs %s: every operation over every protocol, nothing fails',
    (scenario) => {
      const own = {
        URLS: `${env['HTTP_URL']}/readyz POST ${env['HTTP_URL']}/v1/quotes?x=1`,
        BODY: '{"customerId":"c","lines":[{"sku":"s","quantity":1}]}',
        HEADERS: '{"content-type":"application/json"}',
      };
      const { status, complaints, requests, failed, iterations } = runPlain(scenario, { ...env, ...own });
      expect({ status, complaints }).toEqual({ status: 0, complaints: [] });
      expect(Object.keys(requests).toSorted()).toEqual(OPERATIONS[scenario]?.toSorted());
      expect(Object.values(requests).reduce((sum, count) => sum + count)).toBe(ITERATIONS);
      expect({ failed, iterations }).toEqual({ failed: 0, iterations: ITERATIONS });
    },
  );

  test.each([
    ['peak-load', { MIX: 'quote=1,browse=2' }, 'MIX=quote=1,browse=2: \\"browse=2\\" must be like quote=50'],
    ['peak-load', { MIX: 'quote=0' }, 'MIX=quote=0: all weights are 0'],
    ['data-skew', { KEYS: 'zipf' }, '\\"zipf\\" is no distribution of keys'],
    ['data-skew', { PAYLOAD: 'fixed:0' }, '\\"fixed:0\\" is no distribution of sizes'],
    ['data-skew', { KEYS_FILE: 'nowhere.csv' }, 'nowhere.csv'],
    ['latency', { LINES: 'five' }, 'LINES=five must be a number from 1 to 100'],
    ['latency', { GRPC_SHARE: '2' }, 'GRPC_SHARE=2 must be a number from 0 to 1'],
    ['latency', { HTTP_URL: '' }, 'the scenario needs HTTP_URL: pass it with -e HTTP_URL=…'],
  ])('%s with %o never starts', (scenario, wrong, message) => {
    const { status, complaints } = runPlain(scenario, { ...env, ...wrong });
    expect(status).toBe(107);
    expect(complaints.join('\n')).toContain(message);
  });

  test("a user's own keys", () => {
    const file = join(folder, 'skus.csv');
    writeFileSync(file, 'name,sku\n"one, two",own-1\nthree,own-2\n');
    const own = { ...env, MIX: 'quote=1', KEYS_FILE: file, KEYS_COLUMN: 'sku' };
    expect(runPlain('data-skew', own)).toMatchObject({ status: 0, complaints: [], failed: 0 });
    expect(runPlain('data-skew', { ...own, KEYS_COLUMN: 'id' }).complaints.join('\n')).toContain(
      `${file}: has no column \\"id\\" (it has name, sku)`,
    );
  });

  test('writes are recorded, each with what became of it', () => {
    const file = join(folder, 'writes.ndjson');
    const recording = { ...env, RECORD_WRITES: 'on', RUN_ID: 'run', MIX: 'order=1,append=1', SEED_ACCOUNTS: '0' };
    const { status, requests } = runPlain('peak-load', recording, `--console-output=${file}`, '--log-format=raw');
    expect(status).toBe(0);
    const writes = readFileSync(file, 'utf8')
      .split('\n')
      .flatMap((line) => decodeWriteLine(line) ?? []);
    const attempted = writes.filter((line) => line.event === 'attempted');
    const ended = writes.filter((line) => line.event !== 'attempted' && line.event !== 'read');
    expect(attempted).toHaveLength(Object.values(requests).reduce((sum, count) => sum + count));
    const attemptedMs = new Map(attempted.map(({ key, atMs }) => [key, atMs]));
    expect(attemptedMs.size).toBe(attempted.length);
    expect(ended.map(({ key }) => key).toSorted()).toEqual([...attemptedMs.keys()].toSorted());
    for (const { kind, key, event, id, atMs } of ended) {
      expect(key).toMatch(kind === 'order' ? /^order-run-\d+-\d+$/ : /^entry-run-\d+-\d+$/);
      expect(event).toBe('acknowledged');
      if (kind === 'ledger-entry') expect(id).not.toBe('');
      expect(atMs).toBeGreaterThanOrEqual(attemptedMs.get(key) ?? Infinity);
    }
  });

  test('under the harness, phases change what the scenario does', async () => {
    await using context = await testContext();
    const [quiet, noisy] = layOut(['quiet', 1, 60, 60], ['noisy', 1.5, 60, 60]);
    if (quiet === undefined || noisy === undefined) throw new Error('there are two phases');
    const { seconds, complaints } = await drive({
      k6,
      context,
      scenario: join(SCENARIOS, 'noisy-tenant.ts'),
      phases: [
        { ...quiet, env: { NOISY_SHARE: '0' } },
        { ...noisy, env: { NOISY_SHARE: '1' } },
      ],
      maxVUs: 20,
      env,
      under: [10_000],
    });
    expect(complaints).toEqual([]);
    for (const [phase, operation] of [
      ['quiet', 'quote'],
      ['noisy', 'noisy-quote'],
    ] as const) {
      const operations = totals(seconds, phase);
      expect(Object.keys(operations).toSorted()).toEqual(both(operation).toSorted());
      for (const { succeeded, failed, within } of Object.values(operations)) {
        expect({ failed, within }).toEqual({ failed: 0, within: { 10_000: [succeeded, succeeded] } });
      }
    }
  });
});
