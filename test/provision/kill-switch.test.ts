import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { trafficControl } from '../../lib/provision/traffic-control.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';

let context: TestContext;
let url: string;
let close: () => Promise<void>;
/** Of the switch: what it is, and how many of the next calls it does not answer well. */
let engaged: boolean;
let failing: number;
let obeys: boolean;
let calls: number;

beforeEach(async () => {
  context = await testContext();
  [engaged, failing, obeys, calls] = [false, 0, true, 0];
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    calls += 1;
    if (failing > 0) {
      failing -= 1;
      response.writeHead(503).end();
      return;
    }
    if (request.method === 'PUT' && obeys) engaged = (JSON.parse(body) as { engaged: boolean }).engaged;
    response.end(JSON.stringify({ engaged, since: 7 }));
  };
  const server = createServer((request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
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

function control(withKill = true) {
  const set = (on: boolean) => ({ method: 'PUT', url: '{{shop}}', body: JSON.stringify({ engaged: on }) });
  const kill = { engage: set(true), release: set(false), read: { url: '{{shop}}', pointer: '/engaged' } };
  const read = { url: '{{shop}}', pointer: '/engaged' };
  const system = systemSchema.parse({
    services: { shop: { url } },
    trafficSwitch: { capabilities: ['pricing'], set: { url: '{{shop}}' }, read, ...(withKill ? { kill } : {}) },
  });
  return trafficControl({ plan: { system, root: '.' }, values: new Map([['shop', url]]), context, readBackMs: 1_000 });
}

test('engages and releases, and gives back what was read', async () => {
  await using traffic = control();
  expect(await traffic.killSwitch(true)).toEqual([{ engaged: true, since: 7 }]);
  expect(engaged).toBe(true);
  expect(await traffic.killSwitch(false)).toEqual([{ engaged: false, since: 7 }]);
  expect(context.said).toEqual(['kill switch: engaged', 'kill switch: released']);
});

test('is asked again where a call fails', async () => {
  failing = 3;
  await using traffic = control();
  await traffic.killSwitch(true);
  expect(engaged).toBe(true);
  expect(context.journalled.filter(({ type }) => type === 'kill-switch-again')).toHaveLength(3);
});

test('a switch that never shows it is not believed', async () => {
  obeys = false;
  await using traffic = control();
  await expect(traffic.killSwitch(true)).rejects.toMatchObject({
    code: 'kill-switch-not-applied',
    message: 'kill switch: reads back false at /engaged, not true',
  });
});

test('a switch that does not answer is told', async () => {
  failing = Number.POSITIVE_INFINITY;
  const traffic = control();
  await expect(traffic.killSwitch(true)).rejects.toMatchObject({
    code: 'kill-switch-failed',
    message: `kill switch: PUT ${url}: HTTP 503 `,
  });
  failing = 0;
  await traffic[Symbol.asyncDispose]();
});

test('a system without one is told', async () => {
  await using traffic = control(false);
  await expect(traffic.killSwitch(true)).rejects.toMatchObject({ hint: 'give `trafficSwitch` a `kill`' });
});

test('one that is still engaged at the end is released, also when the user has stopped the run', async () => {
  {
    await using traffic = control();
    await traffic.killSwitch(true);
    context.abort();
  }
  expect(engaged).toBe(false);
});

test('one that cannot be released at the end is what could not be cleaned up', async () => {
  const traffic = control();
  await traffic.killSwitch(true);
  obeys = false;
  await expect(traffic[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'cleanup-unverified' });
});

test('one that was not used is left alone', async () => {
  {
    await using _ = control();
  }
  expect(calls).toBe(0);
});
