import { once } from 'node:events';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server as GrpcServer, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../../../chaos/drivers/free-port.ts';
import { decodeStatus, encodeRequest, grpcReadiness } from '../../../lib/provision/readiness/grpc.ts';
import { httpReadiness } from '../../../lib/provision/readiness/http.ts';
import { tcpReadiness } from '../../../lib/provision/readiness/tcp.ts';
import { waitUntilReady } from '../../../lib/provision/readiness/wait.ts';

const { signal } = new AbortController();
const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function httpServer(answer: (url: string) => number): Promise<string> {
  const server: Server = createServer((request, response) => {
    response.writeHead(answer(request.url ?? ''), { location: '/ready' }).end('body');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function healthServer(statuses: Readonly<Record<string, number>>): Promise<string> {
  const server = new GrpcServer();
  server.addService(
    {
      check: {
        path: '/grpc.health.v1.Health/Check',
        requestStream: false,
        responseStream: false,
        requestSerialize: (name: string) => encodeRequest(name),
        requestDeserialize: (bytes: Buffer) => ({ service: bytes.subarray(2).toString() }),
        responseSerialize: (value: number) => Buffer.from(value === 0 ? [] : [0x08, value]),
        responseDeserialize: (bytes: Buffer) => bytes,
      },
    },
    {
      check(call: { request: { service: string } }, callback: (error: object | null, value?: number) => void) {
        const value = statuses[call.request.service];
        if (value === undefined) callback({ code: status.NOT_FOUND, details: 'unknown service' });
        else callback(null, value);
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  cleanUps.push(() => server.forceShutdown());
  return `127.0.0.1:${port}`;
}

describe('http', () => {
  test.each([
    [200, true],
    [204, true],
    [302, false],
    [404, false],
    [503, false],
  ])('%i', async (code, ready) => {
    const address = await httpServer((url) => (url === '/health' ? code : 200));
    const answer = await httpReadiness(`http://${address}/health`).ask(signal);
    expect(answer.ready).toBe(ready);
    expect(answer.text).toContain(`HTTP ${code}`);
  });

  test('nobody there', async () => {
    const answer = await httpReadiness(`http://127.0.0.1:${await freePort()}/`).ask(signal);
    expect(answer).toEqual({ ready: false, text: expect.stringContaining('ECONNREFUSED') as unknown });
  });
});

describe('tcp', () => {
  test('somebody there', async () => {
    expect(await tcpReadiness(await httpServer(() => 200)).ask(signal)).toEqual({ ready: true, text: 'connected' });
  });
  test('nobody there', async () => {
    const answer = await tcpReadiness(`127.0.0.1:${await freePort()}`).ask(signal);
    expect(answer).toEqual({ ready: false, text: expect.stringContaining('ECONNREFUSED') as unknown });
  });
});

describe('grpc', () => {
  test.each([
    ['', true, 'SERVING'],
    ['shop.Orders', false, 'NOT_SERVING'],
    ['shop.Unknown', false, 'UNKNOWN'],
    ['shop.Nothing', false, 'NOT_FOUND: unknown service'],
  ])('service "%s"', async (service, ready, text) => {
    const address = await healthServer({ '': 1, 'shop.Orders': 2, 'shop.Unknown': 0 });
    expect(await grpcReadiness(address, service).ask(signal)).toEqual({ ready, text });
  });

  test('a server without the health service', async () => {
    const server = new GrpcServer();
    const port = await new Promise<number>((resolve) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
    });
    cleanUps.push(() => server.forceShutdown());
    const answer = await grpcReadiness(`127.0.0.1:${port}`).ask(signal);
    expect(answer).toEqual({ ready: false, text: 'it has no grpc.health.v1.Health' });
  });

  test('nobody there', async () => {
    const answer = await grpcReadiness(`127.0.0.1:${await freePort()}`).ask(signal);
    expect(answer).toEqual({ ready: false, text: expect.stringContaining('ECONNREFUSED') as unknown });
  });

  test('reads a status among fields that it does not know', () => {
    expect(decodeStatus(Uint8Array.from([0x12, 0x01, 0x61, 0x08, 0x01]))).toBe('SERVING');
    expect(decodeStatus(Uint8Array.from([0x08, 0x09]))).toBe('status 9');
  });
});

describe('waitUntilReady', () => {
  test('asks until the answer is yes', async () => {
    let asked = 0;
    const address = await httpServer(() => ((asked += 1) < 4 ? 503 : 200));
    const readiness = await waitUntilReady(httpReadiness(`http://${address}/`), 20_000, signal);
    expect(readiness).toMatchObject({ state: 'ready' });
    expect(asked).toBe(4);
  });

  test('ends at the time limit with the last answer', async () => {
    const address = await httpServer(() => 503);
    const readiness = await waitUntilReady(httpReadiness(`http://${address}/`), 100, signal);
    expect(readiness).toEqual({ state: 'timeout', last: 'HTTP 503 body' });
  });

  test('ends when it is stopped, also in the middle of an attempt', async () => {
    const stop = new AbortController();
    const hanging = {
      title: 'hanging',
      ask: async (attempt: AbortSignal) => {
        stop.abort();
        if (!attempt.aborted) await once(attempt, 'abort');
        return { ready: false, text: 'never' };
      },
    };
    expect(await waitUntilReady(hanging, 60_000, stop.signal)).toEqual({ state: 'stopped', last: 'not asked yet' });
  });
});
