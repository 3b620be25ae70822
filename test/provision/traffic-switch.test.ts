import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Traffic, trafficSchema } from '../../lib/plan/schema/load.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { trafficControl } from '../../lib/provision/traffic-control.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';

interface Received {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: string;
  readonly type: string | undefined;
}

let context: TestContext;
let received: Received[];
let answer: (request: IncomingMessage) => { status?: number; body: string };
let close: () => Promise<void>;
let address: string;

beforeEach(async () => {
  context = await testContext();
  received = [];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method, url, headers } = request;
    received.push({ method, url, body: await text(request), type: headers['content-type'] });
    const { status = 200, body } = answer(request);
    response.writeHead(status).end(body);
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  close = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
});
afterEach(async () => {
  await close();
  await context[Symbol.asyncDispose]();
});

async function apply(traffic: Record<string, Traffic>, readBackMs?: number): Promise<void> {
  const system = systemSchema.parse({
    services: { shop: { url: address } },
    trafficSwitch: {
      capabilities: ['pricing'],
      set: { method: 'PUT', url: '{{shop}}/switch/{{capability}}', body: '{"mode":"{{mode}}","share":{{share}}}' },
      read: { url: '{{shop}}/switch', pointer: '/capabilities/{{capability}}/share' },
    },
  });
  const plan = { system, root: '.' };
  const settings = readBackMs === undefined ? {} : { readBackMs };
  await using control = trafficControl({ plan, values: new Map([['shop', address]]), context, ...settings });
  await control.switchTraffic(traffic);
}

/** Answers as a switch does that keeps what it is told. */
function obey(): void {
  answer = (request) => {
    if (request.method === 'PUT') return { body: '{}' };
    const set = received.findLast(({ method }) => method === 'PUT');
    return { body: JSON.stringify({ capabilities: { pricing: JSON.parse(set?.body ?? '{}') as unknown } }) };
  };
}

describe('switchTraffic', () => {
  test.each([
    ['off', { mode: 'off', share: 0 }],
    ['shadow', { mode: 'shadow', share: 0 }],
    [{ canary: 12.5 }, { mode: 'canary', share: 12.5 }],
    ['full', { mode: 'full', share: 100 }],
  ])('%j', async (traffic, expected) => {
    obey();
    await apply({ pricing: trafficSchema.parse(traffic) });
    expect(received).toEqual([
      { method: 'PUT', url: '/switch/pricing', body: expect.any(String) as unknown, type: 'application/json' },
      { method: 'GET', url: '/switch', body: '', type: undefined },
    ]);
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(expected);
    expect(context.journalled).toEqual([{ type: 'traffic-switched', data: { capability: 'pricing', ...expected } }]);
  });

  test('waits until the switch shows it', async () => {
    let reads = 0;
    answer = () => ({ body: JSON.stringify({ capabilities: { pricing: { share: (reads += 1) < 5 ? 0 : 100 } } }) });
    await apply({ pricing: 'full' });
    expect(reads).toBe(5);
  });

  test('does not believe a switch that reads back something else', async () => {
    answer = () => ({ body: '{"capabilities":{"pricing":{"share":"100"}}}' });
    await expect(apply({ pricing: 'full' }, 100)).rejects.toMatchObject({
      code: 'traffic-switch-not-applied',
      message: 'traffic switch: "pricing" was set to 100 % but reads back "100" at /capabilities/pricing/share',
    });
  });

  test.each([
    [{ status: 401, body: 'who are you' }, 'HTTP 401 who are you'],
    [{ body: '<html>' }, 'reads no JSON: <html>'],
  ])('reports an answer that it cannot use: %j', async (given, message) => {
    answer = () => given;
    await expect(apply({ pricing: 'full' })).rejects.toMatchObject({
      code: 'traffic-switch-failed',
      message: expect.stringContaining(message) as unknown,
    });
  });

  test('ends when the run is stopped', async () => {
    answer = () => {
      context.abort();
      return { body: '{}' };
    };
    await expect(apply({ pricing: 'full' })).rejects.toMatchObject({ code: 'aborted' });
  });
});
