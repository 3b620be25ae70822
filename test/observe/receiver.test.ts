import { connect } from 'node:net';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startReceiver } from '../../lib/observe/receiver.ts';
import type { PushedSeries } from '../../lib/observe/remote-write.ts';
import { encodePush, wireHistogram } from './push.ts';

const body = encodePush([{ labels: { __name__: 'k6_vus' }, value: 3 }]);

async function received() {
  const pushes: (readonly PushedSeries[])[] = [];
  const receiver = await startReceiver((series) => {
    pushes.push(series);
    for (const { histogram } of series) histogram?.();
  });
  const { url, token } = receiver;
  const push = async (init: RequestInit = {}, to = url) => {
    const response = await fetch(to, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: init.method === 'GET' ? null : body,
      ...init,
    });
    return [response.status, await response.text()] as const;
  };
  return { pushes, push, url, [Symbol.asyncDispose]: () => receiver[Symbol.asyncDispose]() };
}

test('a push with the token is taken', async () => {
  await using receiver = await received();
  expect(receiver.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
  expect(await receiver.push()).toEqual([204, '']);
  expect(receiver.pushes.map(([series]) => [series?.name, series?.value])).toEqual([['k6_vus', 3]]);
});

describe('anything else is refused, and nothing of it is taken', () => {
  test.each<readonly [string, RequestInit, number]>([
    ['without a token', { headers: {} }, 401],
    ['with a wrong token', { headers: { authorization: `Bearer ${'0'.repeat(48)}` } }, 401],
    ['with a longer token', { headers: { authorization: `Bearer ${'0'.repeat(480)}` } }, 401],
    ['by GET', { method: 'GET' }, 405],
    ['by PUT', { method: 'PUT' }, 405],
    ['without a body', { body: '' }, 400],
    ['with a body that is not snappy', { body: 'hello world' }, 400],
    ['that is too large', { body: new Uint8Array(16 * 1024 * 1024 + 1) }, 413],
  ])('a push %s', async (_, init, status) => {
    await using receiver = await received();
    expect((await receiver.push(init))[0]).toBe(status);
    expect(receiver.pushes).toEqual([]);
    expect((await receiver.push())[0]).toBe(204);
  });

  test('a push that is too large and does not say so before', async () => {
    await using receiver = await received();
    const chunk = new Uint8Array(1024 * 1024);
    let sent = 0;
    const endless = new ReadableStream({
      pull: (controller) => (sent++ < 64 ? controller.enqueue(chunk) : controller.close()),
    });
    const refused = receiver.push({ body: endless, duplex: 'half' }).then(
      ([status]) => status,
      // The receiver answers and hangs up while the sender still sends: fetch may see the one or the other first.
      () => 413,
    );
    expect(await refused).toBe(413);
    expect(sent).toBeLessThan(64);
    expect(receiver.pushes).toEqual([]);
  });

  test('a push to another path', async () => {
    await using receiver = await received();
    expect((await receiver.push({}, new URL('/other', receiver.url).href))[0]).toBe(404);
  });

  test('a histogram that cannot be counted, with the reason', async () => {
    await using receiver = await received();
    const histogram = { ...wireHistogram({ 1: 1 }), countInt: undefined, countFloat: 1.5 };
    const bad = encodePush([{ labels: { __name__: 'x' }, histogram }]);
    expect(await receiver.push({ body: bad as NonNullable<RequestInit['body']> })).toEqual([
      400,
      expect.stringContaining('float counts'),
    ]);
  });
});

test('after it is disposed of the port is closed, whatever connections were open', async () => {
  const receiver = await received();
  const { port } = new URL(receiver.url);
  const idle = connect(Number(port), '127.0.0.1');
  idle.on('error', () => {});
  await once(idle, 'connect');
  const closed = once(idle, 'close');
  await receiver[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await closed;
  await expect(receiver.push()).rejects.toThrow('fetch failed');
});
