import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Server, ServerCredentials, loadPackageDefinition, status } from '@grpc/grpc-js';
import type { ServiceClientConstructor, handleUnaryCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { beforeAll, expect, test } from 'vitest';
import { addHistograms, emptyHistogram, quantile } from '../../lib/observe/histogram.ts';
import type { Histogram, OperationWindow, Second } from '../../lib/observe/observations.ts';
import { startObserver } from '../../lib/observe/observe.ts';
import { layOut } from '../../lib/plan/phases.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { seededRandom } from '../../scenarios/support/random.ts';
import { K6_BUILD_TIMEOUT_MS, realK6 } from '../helpers/k6.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';

/** The load of this file: k6's own summary and what was pushed must tell the same of it. */
const RATE = 200;
const SECONDS = 8;

let k6: string;
beforeAll(async () => {
  k6 = await realK6();
}, K6_BUILD_TIMEOUT_MS);

const PROTO = `syntax = "proto3"; package test; service Echo { rpc Call(Request) returns (Reply); }
  message Request { int32 code = 1; } message Reply {}`;

/**
 * Delays of 2–80 ms as they are in the field: log-normal around 8 ms, and one in eight on a slow path around 50 ms, so that
 * there are events enough around each quantile that is compared.
 */
function delays(seed: number): () => number {
  const random = seededRandom(seed);
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const delayMs = random() < 0.125 ? 50 * Math.exp(0.12 * normal) : 8 * Math.exp(0.5 * normal);
    return Math.min(80, Math.max(2, delayMs));
  };
}

/** Answers after a delay; what is asked for under /failing with status 500. */
async function httpServer() {
  const nextDelayMs = delays(7);
  const server = createServer((request, response) => {
    setTimeout(() => response.writeHead(request.url === '/failing' ? 500 : 200).end('hello'), nextDelayMs());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers each call with the status that it asks for. */
async function grpcServer(protoFile: string) {
  const nextDelayMs = delays(8);
  const loaded = loadPackageDefinition(loadSync(protoFile, { defaults: true })) as {
    test: { Echo: ServiceClientConstructor };
  } & object;
  const server = new Server();
  const call: handleUnaryCall<{ code: status }, object> = ({ request: { code } }, reply) => {
    setTimeout(() => (code === status.OK ? reply(null, {}) : reply({ code })), nextDelayMs());
  };
  server.addService(loaded.test.Echo.service, { Call: call });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.forceShutdown();
    },
  };
}

const script = (http: string, grpc: string) => `
import http from 'k6/http';
import grpc from 'k6/net/grpc';
import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
const exceptions = new Counter('cutover_exceptions');
const client = new grpc.Client();
client.load(['.'], 'echo.proto');
let connected = false;
const stages = [{ target: ${RATE}, duration: '${SECONDS / 2}s' }, { target: ${RATE}, duration: '${SECONDS / 2}s' }];
export const options = {
  scenarios: { load: { executor: 'ramping-arrival-rate', startRate: ${RATE}, timeUnit: '1s', preAllocatedVUs: 60, maxVUs: 60, stages } },
  summaryTrendStats: ['count', 'med', 'p(90)', 'p(95)', 'p(99)'],
  // Each makes k6 keep a summary of its own of these requests.
  thresholds: {
    'http_req_duration{scenario:load,expected_response:true}': ['max>=0'],
    'http_req_duration{name:browse,expected_response:true}': ['max>=0'],
    'http_req_duration{name:buy,expected_response:true}': ['max>=0'],
    'http_req_duration{name:buy,expected_response:false}': ['max>=0'],
    'grpc_req_duration{name:call,status:0}': ['max>=0'],
    'grpc_req_duration{name:call,status:14}': ['max>=0'],
    'grpc_req_duration{name:call,status:3}': ['max>=0'],
    'iteration_duration{scenario:load}': ['max>=0'],
    'iterations{phase:first}': ['count>=0'],
  },
};
export function setup() { http.get('http://${http}/setup', { tags: { name: 'browse' } }); }
export function teardown() { http.get('http://${http}/teardown', { tags: { name: 'browse' } }); }
export default function () {
  const n = exec.scenario.iterationInTest;
  if (n === 0) console.log('started ' + exec.scenario.startTime);
  exec.vu.metrics.tags.phase = Date.now() - exec.scenario.startTime < ${SECONDS * 500} ? 'first' : 'second';
  if (!connected) { client.connect('${grpc}', { plaintext: true }); connected = true; }
  if (n % 100 === 99) { exceptions.add(1); throw new Error('on purpose'); }
  if (n % 4 === 0) client.invoke('test.Echo/Call', { code: n % 40 === 0 ? 14 : n % 28 === 0 ? 3 : 0 }, { tags: { name: 'call' } });
  else if (n % 4 === 1) http.get(n % 20 === 1 ? 'http://${http}/failing' : 'http://${http}/', { tags: { name: 'buy' } });
  else http.get('http://${http}/', { tags: { name: 'browse' } });
}
export function handleSummary(data) { return { stdout: 'SUMMARY ' + JSON.stringify(data.metrics) + '\\n' }; }
`;

type Summary = Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;

interface Run {
  readonly summary: Summary;
  readonly seconds: readonly Second[];
  readonly pushesMs: readonly number[];
}

async function runK6(context: TestContext): Promise<Run> {
  mkdirSync(context.folder, { recursive: true });
  const protoFile = join(context.folder, 'echo.proto');
  writeFileSync(protoFile, PROTO);
  await using http = await httpServer();
  await using grpc = await grpcServer(protoFile);
  const scriptFile = join(context.folder, 'script.js');
  writeFileSync(scriptFile, script(http.address, grpc.address));
  await using observer = await startObserver({ plan: plan(), context, services: [] });
  const child = spawn(k6, [...ARGUMENTS, scriptFile], {
    cwd: context.folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: context.folder,
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      K6_FEATURES: 'native-histograms',
      K6_PROMETHEUS_RW_SERVER_URL: observer.receiver.url,
      K6_PROMETHEUS_RW_BEARER_TOKEN: observer.receiver.token,
      K6_PROMETHEUS_RW_PUSH_INTERVAL: '1s',
      // Makes the push at exit hold every histogram: without it, what came in a series' last millisecond may be missing.
      K6_PROMETHEUS_RW_STALE_MARKERS: 'true',
    },
  });
  child.stderr.setEncoding('utf8').on('data', (lines: string) => {
    const started = /started (\d+)/.exec(lines)?.[1];
    if (started !== undefined) observer.loadStarted(Number(started));
  });
  const [stdout] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const summary = /^SUMMARY (.*)$/m.exec(stdout)?.[1];
  if (summary === undefined) throw new Error(`k6 gave no summary: ${stdout}`);
  const { seconds, pushesMs } = await observer.finish();
  return { summary: JSON.parse(summary) as Summary, seconds, pushesMs };
}

const ARGUMENTS = [
  'run',
  '--no-usage-report',
  '--quiet',
  '--no-color',
  '--out=experimental-prometheus-rw',
  '--system-tags=name,scenario,status,method,expected_response,error_code,group',
];

function plan(): Plan {
  const half = SECONDS * 500;
  const phases = layOut([
    { name: 'first', duration: half, rate: RATE },
    { name: 'second', duration: half, rate: RATE },
  ]);
  return {
    version: 1,
    experiment: 'agreement',
    description: '',
    seed: 1,
    root: '/',
    system: { services: {}, edges: {} },
    traffic: {},
    load: { scenario: '/script.js', env: {}, phases, steady: 'first', maxVUs: 60, recordWrites: false },
    faults: [],
    drills: [],
    budgets: [],
  };
}

/** All that was seen of an operation, in the whole run. */
function total(seconds: readonly Second[], operation: string, outcome: 'succeeded' | 'failed'): Histogram {
  const windows: readonly OperationWindow[] = seconds.flatMap(({ operations }) => operations);
  return windows
    .filter((window) => window.operation === operation)
    .reduce((sum, window) => addHistograms(sum, window[outcome]), emptyHistogram());
}

test("k6's own summary and the pushed metrics tell the same", { timeout: 90_000 }, async () => {
  await using context = await testContext();
  const { summary, seconds, pushesMs } = await runK6(context);
  const value = (metric: string, stat: string) => summary[metric]?.values[stat] ?? Number.NaN;

  // Counts are equal to the last request. Setup and teardown made one "browse" each, which are not part of the load.
  const counted = {
    browse: total(seconds, 'browse', 'succeeded').count + 2,
    bought: total(seconds, 'buy', 'succeeded').count,
    notBought: total(seconds, 'buy', 'failed').count,
    called: total(seconds, 'call', 'succeeded').count,
    notCalled: total(seconds, 'call', 'failed').count,
    iterations: seconds.reduce((sum, { iterations }) => sum + iterations, 0),
    exceptions: seconds.reduce((sum, { exceptions }) => sum + exceptions, 0),
    dropped: seconds.reduce((sum, { dropped }) => sum + dropped, 0),
  };
  expect(counted).toEqual({
    browse: value('http_req_duration{name:browse,expected_response:true}', 'count'),
    bought: value('http_req_duration{name:buy,expected_response:true}', 'count'),
    notBought: value('http_req_duration{name:buy,expected_response:false}', 'count'),
    called: value('grpc_req_duration{name:call,status:0}', 'count'),
    notCalled:
      value('grpc_req_duration{name:call,status:14}', 'count') +
      value('grpc_req_duration{name:call,status:3}', 'count'),
    iterations: value('iterations', 'count'),
    exceptions: value('cutover_exceptions', 'count'),
    dropped: summary['dropped_iterations']?.values['count'] ?? 0,
  });
  expect(counted.iterations + counted.dropped).toBeGreaterThan(RATE * SECONDS * 0.95);
  expect(Math.min(counted.notBought, counted.notCalled, counted.exceptions)).toBeGreaterThan(5);

  // The exact quantile lies in the same bucket, 9 % wide; with events enough, interpolation comes closer.
  const browse = total(seconds, 'browse', 'succeeded');
  const buy = total(seconds, 'buy', 'succeeded');
  const call = total(seconds, 'call', 'succeeded');
  for (const [histogram, metric, tolerance] of [
    [addHistograms(browse, buy), 'http_req_duration{scenario:load,expected_response:true}', 0.05],
    [browse, 'http_req_duration{name:browse,expected_response:true}', 0.1],
    [buy, 'http_req_duration{name:buy,expected_response:true}', 0.1],
    [call, 'grpc_req_duration{name:call,status:0}', 0.1],
  ] as const) {
    for (const [q, stat] of [
      [0.5, 'med'],
      [0.9, 'p(90)'],
      [0.95, 'p(95)'],
      [0.99, 'p(99)'],
    ] as const) {
      const ratio = ((quantile(histogram, q) ?? Number.NaN) * 1_000) / value(metric, stat);
      expect(Math.abs(ratio - 1), `${metric} ${stat}: ratio ${ratio}`).toBeLessThan(tolerance);
    }
  }

  // The phase is the one in which the request started, to the last one.
  const iterationsByPhase = { first: 0, second: 0 };
  for (const { operations } of seconds) {
    for (const { phase, succeeded, failed } of operations) {
      iterationsByPhase[phase as 'first' | 'second'] += succeeded.count + failed.count;
    }
  }
  expect(iterationsByPhase.first + iterationsByPhase.second).toBe(counted.iterations - counted.exceptions);
  const failedInFirst = Math.floor(value('iterations{phase:first}', 'count') / 100);
  expect(Math.abs(iterationsByPhase.first + failedInFirst - value('iterations{phase:first}', 'count'))).toBeLessThan(2);

  // The windows are the load's, and none in its middle is empty.
  expect(seconds.length).toBeGreaterThanOrEqual(SECONDS);
  for (const { t, iterations } of seconds.slice(1, SECONDS - 1)) expect(iterations, `window ${t}`).toBeGreaterThan(0);
  expect(seconds.map(({ offered }) => offered).slice(0, SECONDS)).toEqual(Array.from({ length: SECONDS }, () => RATE));
  expect(pushesMs.length).toBeGreaterThan(SECONDS / 2);
});
