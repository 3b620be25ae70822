import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, loadPackageDefinition } from '@grpc/grpc-js';
import type { ServiceClientConstructor, handleServerStreamingCall, handleUnaryCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { beforeAll, expect, test } from 'vitest';
import { layOut } from '../../scenarios/support/profile.ts';
import { K6_BUILD_TIMEOUT_MS, realK6 } from '../helpers/k6.ts';
import { testContext } from '../helpers/run-context.ts';
import { drive, startLags, totals } from './drive.ts';

const SUPPORT = fileURLToPath(new URL('../../scenarios/support', import.meta.url));

let k6: string;
beforeAll(async () => {
  k6 = await realK6();
}, K6_BUILD_TIMEOUT_MS);

/** "/200" is answered with that status at once; others as their name says. */
async function httpServer() {
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    if (path === '/hang') return;
    if (path === '/redirect') setTimeout(() => response.writeHead(302, { location: '/200' }).end(), 600);
    else response.writeHead(Number(path.slice(1))).end('{}');
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

const PROTO = `syntax = "proto3"; package test;
  service Echo { rpc Call(Request) returns (Reply); rpc List(Request) returns (stream Reply); }
  message Request { int32 code = 1; int32 delayMs = 2; } message Reply {}`;
interface Request {
  readonly code: number;
  readonly delayMs: number;
}

/** Answers each call with the status that it asks for, after the delay that it asks for. */
async function grpcServer(protoFile: string) {
  const loaded = loadPackageDefinition(loadSync(protoFile, { defaults: true, keepCase: true })) as {
    test: { Echo: ServiceClientConstructor };
  } & object;
  const server = new Server();
  const Call: handleUnaryCall<Request, object> = ({ request: { code, delayMs } }, reply) => {
    setTimeout(() => (code === 0 ? reply(null, {}) : reply({ code })), delayMs);
  };
  const List: handleServerStreamingCall<Request, object> = (call) => {
    call.write({});
    setTimeout(() => {
      if (call.request.code === 0) call.end();
      else call.emit('error', { code: call.request.code });
    }, call.request.delayMs);
  };
  server.addService(loaded.test.Echo.service, { Call, List });
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

/** Nothing listens there. */
async function closedAddress(): Promise<string> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${port}`;
}

const script = (http: string, grpc: string, closed: string) => `
import exec from 'k6/execution';
import { setting } from '${SUPPORT}/env.ts';
import { expectStatuses } from '${SUPPORT}/expected-statuses.ts';
import { grpcChannel } from '${SUPPORT}/grpc-channel.ts';
import { grpcOperation, grpcStream } from '${SUPPORT}/grpc-operation.ts';
import { httpOperation } from '${SUPPORT}/http-operation.ts';

const contract = { protoPath: '.', protoFiles: ['echo.proto'], plaintext: true, timeout: '10s' };
const server = grpcChannel({ address: '${grpc}', ...contract });
const nowhere = grpcChannel({ address: '${closed}', ...contract });
const teapot = expectStatuses(418, { min: 500, max: 599 });
const get = (name, path, more = {}) => httpOperation(name, { url: 'http://${http}' + path, timeout: '10s', ...more });
const call = (name, message, more = {}, channel = server) =>
  grpcOperation(channel, name, { method: 'test.Echo/Call', message, timeout: '10s', ...more });
const list = async (name, message, channel = server, timeout = '10s') => {
  const { outcome, status, messages } = await grpcStream(channel, name, { method: 'test.Echo/List', message, timeout });
  if (channel === server && messages.length !== 1) throw new Error(name + ': ' + messages.length + ' messages, status ' + status);
  if ((outcome === 'ok') !== (status === 0)) throw new Error(name + ': ' + outcome + ' with status ' + status);
};
const operations = [
  () => get('ok', '/200'),
  () => get('busy', '/429'),
  () => get('broken', '/500'),
  () => get('expected', '/418', { expected: teapot }),
  () => get('unexpected', '/200', { expected: teapot }),
  () => get('hang', '/hang', { timeout: '1s' }),
  () => get('redirect', '/redirect'),
  () => httpOperation('closed', { url: 'http://${closed}/', timeout: '10s' }),
  () => call('ok', { code: 0 }),
  () => call('slow', { code: 0, delayMs: 600 }),
  () => call('busy', { code: 8 }),
  () => call('broken', { code: 14 }),
  () => call('hang', { delayMs: 20000 }, { timeout: '1s' }),
  () => call('closed', {}, {}, nowhere),
  () => list('listed', { code: 0 }),
  () => list('list-busy', { code: 8 }),
  () => list('list-broken', { code: 13, delayMs: 20 }),
  () => list('list-hang', { delayMs: 20000 }, server, '1s'),
  () => list('list-closed', {}, nowhere),
  () => call('mistake', { nosuchfield: 1 }),
];
export default function () {
  httpOperation(setting('VISIT', 'none'), { url: 'http://${http}/200' });
  return operations[exec.scenario.iterationInTest % operations.length]();
}
`;

/** Iterations of each operation: 20 operations in turn at 40/s for 4 s. */
const EACH = 8;

test('every request of the support library is counted once, whatever becomes of it', { timeout: 60_000 }, async () => {
  await using context = await testContext();
  mkdirSync(context.folder, { recursive: true });
  const protoFile = join(context.folder, 'echo.proto');
  writeFileSync(protoFile, PROTO);
  await using http = await httpServer();
  await using grpc = await grpcServer(protoFile);
  const scenario = join(context.folder, 'user.ts');
  writeFileSync(scenario, script(http.address, grpc.address, await closedAddress()));
  // The last iteration is due where the last phase with a rate ends, and starts some milliseconds later.
  const phases = layOut(['first', 2, 40, 40], ['second', 2, 40, 40], ['end', 0.5, 0, 0]).map((phase) => ({
    ...phase,
    env: { VISIT: `visit-${phase.name}` },
  }));
  const { seconds, complaints } = await drive({ k6, context, scenario, phases, maxVUs: 80, under: [500, 10_000] });

  const fine = { succeeded: EACH, failed: 0, rejected: 0, within: expect.objectContaining({ 10_000: [EACH, EACH] }) };
  // 600 ms, all of them: none is under 500.
  const late = { ...fine, within: { 10_000: [EACH, EACH] } };
  const failed = { succeeded: 0, failed: EACH, rejected: 0, within: {} };
  const rejected = { ...failed, rejected: EACH };
  const {
    'http visit-first': first,
    'http visit-second': second,
    'http visit-end': end,
    ...operations
  } = totals(seconds);
  expect(operations).toEqual({
    'http ok': fine,
    'http busy': rejected,
    'http broken': failed,
    'http expected': fine,
    'http unexpected': failed,
    'http hang': failed,
    'http redirect': late,
    'http closed': failed,
    'grpc ok': fine,
    'grpc slow': late,
    'grpc busy': rejected,
    'grpc broken': failed,
    'grpc hang': failed,
    'grpc closed': failed,
    'grpc listed': fine,
    'grpc list-busy': rejected,
    'grpc list-broken': failed,
    'grpc list-hang': failed,
    'grpc list-closed': failed,
  });
  // Settings follow the phase.
  const visits = [first, second, end].map((total) => total?.succeeded ?? 0);
  expect(visits.reduce((a, b) => a + b)).toBe(20 * EACH);
  expect(Math.min(...visits.slice(0, 2))).toBeGreaterThan(10 * EACH - 5);
  expect(totals(seconds, 'second')).toHaveProperty(['http visit-second', 'succeeded'], visits[1]);

  // Every iteration tells how late it was; a mistake in the script is an exception and no failed request.
  expect(startLags(seconds).count).toBe(20 * EACH);
  const sum = (what: 'iterations' | 'exceptions') => seconds.reduce((total, window) => total + window[what], 0);
  expect(sum('iterations')).toBe(20 * EACH);
  expect(sum('exceptions')).toBe(EACH);
  expect(complaints.filter((line) => !line.includes('nosuchfield') && !line.includes('Request Failed'))).toEqual([]);
});
