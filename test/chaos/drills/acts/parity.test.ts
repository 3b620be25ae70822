import { status as codes } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { healthy } from '../../../judge/builders.ts';
import { checkOf } from '../../../judge/drills/plans.ts';
import { ROOT, act, grpcServer, jsonServer } from './acting.ts';

const PROTO = { protoPath: 'services/contracts/proto', protoFiles: ['cutover/v1/pricing.proto'] };

/** A shop that counts what it is asked; its second kind rounds otherwise. */
async function shop(rounding: (value: number) => number) {
  const asked: { readonly body: Record<string, unknown>; readonly token: string | undefined }[] = [];
  const http = await jsonServer(({ headers }, content) => {
    const body = JSON.parse(content) as Record<string, unknown>;
    asked.push({ body, token: headers.authorization });
    if (body['quantity'] === 0) return { status: 400, body: { error: { code: 'INVALID_ARGUMENT' } } };
    const net = Number(body['quantity']) * 7;
    return { body: { net, tax: rounding(net * 0.19), at: performance.now(), lines: [{ sku: body['sku'] }] } };
  });
  const grpc = await grpcServer(`${ROOT}/services/contracts/proto`, PROTO.protoFiles, {
    'cutover.v1.Pricing/Quote': ({ currency, lines }) => {
      if (currency === 'USD') return { code: codes.INVALID_ARGUMENT, details: 'no', trailers: { reason: 'currency' } };
      const net = (lines as { quantity: number }[])[0]?.quantity ?? 0;
      return { message: { netMinor: net, taxMinor: rounding(net * 0.19), currency: 'EUR' }, trailers: { cost: '1' } };
    },
  });
  return {
    asked,
    values: { http: `http://${http.address}`, grpc: grpc.address, token: `Bearer ${http.address}` },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await grpc[Symbol.asyncDispose]();
    },
  };
}

const requests = [
  {
    name: 'quote',
    request: {
      http: {
        method: 'POST',
        url: '{{http}}/quotes',
        headers: { authorization: '{{token}}' },
        body: { sku: '{{sku}}', quantity: '{{quantity}}', key: '{{key}}' },
      },
    },
    values: { sku: { text: 'sku-{}', from: 1, to: 50 }, quantity: { from: 1, to: 100 } },
    ignore: ['/at'],
    atMost: '20%',
    samples: 20,
  },
  {
    name: 'nothing',
    request: { http: { method: 'POST', url: '{{http}}/quotes', body: { quantity: 0 } } },
    expect: 'failure',
    atMost: '20%',
  },
  {
    name: 'grpc-quote',
    request: {
      grpc: {
        address: '{{grpc}}',
        ...PROTO,
        method: 'cutover.v1.Pricing/Quote',
        message: { customerId: 'a', lines: [{ sku: 'a', quantity: '{{quantity}}' }], currency: '{{currency}}' },
      },
    },
    values: { quantity: { from: 1, to: 100 }, currency: { of: ['EUR', ''] } },
    atMost: '20%',
    samples: 20,
  },
  {
    name: 'grpc-nothing',
    request: {
      grpc: { address: '{{grpc}}', ...PROTO, method: 'cutover.v1.Pricing/Quote', message: { currency: 'USD' } },
    },
    expect: 'failure',
    headers: ['grpc-message'],
    atMost: '20%',
  },
];

describe('parity, against real servers', () => {
  test('tells what differs from what does not, over both protocols', async () => {
    await using baseline = await shop(Math.round);
    await using candidate = await shop((value) => Math.floor(value) - 1);
    const drill = { kind: 'parity', pace: '60/s', requests, baseline: baseline.values, candidate: candidate.values };
    const { plan, seen } = await act(drill);
    expect(seen.problem).toBeUndefined();
    const observations = { ...healthy(plan), drills: [seen] };
    expect(checkOf('quote', plan, observations)).toMatchObject({
      outcome: 'fail',
      events: 20,
      evidence: { differentFields: '/tax', withoutBaseline: 0 },
    });
    expect(checkOf('nothing', plan, observations)).toMatchObject({ outcome: 'pass' });
    expect(checkOf('grpc-quote', plan, observations)).toMatchObject({
      outcome: 'fail',
      evidence: { differentFields: '/taxMinor' },
    });
    const fieldsOf = (index: number) =>
      seen.records?.parity?.requests[index]?.fields.map(({ field }) => field).toSorted();
    const quote = ['/currency', '/lines', '/netMinor', '/servedBy', '/taxMinor', '/totalMinor'];
    expect(fieldsOf(2)).toEqual([...quote, 'header content-type', 'status', 'trailer cost']);
    expect(fieldsOf(3)).toEqual(['header grpc-message', 'status', 'trailer reason']);
    // Two for one, each with the same data but for its key, and each with its own token.
    expect(baseline.asked).toHaveLength(2 * candidate.asked.length);
    const quotes = ({ asked }: typeof baseline) => asked.filter(({ body }) => body['sku'] !== undefined);
    expect(new Set(quotes(baseline).map(({ token }) => token))).toEqual(new Set([baseline.values.token]));
    const data = (side: typeof baseline) =>
      new Set(quotes(side).map(({ body: { sku, quantity } }) => `${String(sku)} ${String(quantity)}`));
    expect(data(baseline)).toEqual(data(candidate));
    expect(new Set([...quotes(baseline), ...quotes(candidate)].map(({ body }) => body['key'])).size).toBe(60);
    expect(quotes(candidate).every(({ body }) => typeof body['quantity'] === 'number')).toBe(true);
  });

  test('two of the same do not differ', async () => {
    await using baseline = await shop(Math.round);
    await using candidate = await shop(Math.round);
    const { plan, seen } = await act({
      kind: 'parity',
      pace: '60/s',
      requests,
      baseline: baseline.values,
      candidate: candidate.values,
    });
    const observations = { ...healthy(plan), drills: [seen] };
    for (const { name } of requests) expect(checkOf(name, plan, observations)).toMatchObject({ outcome: 'pass' });
  });

  test('a candidate that is not there decides nothing', async () => {
    await using baseline = await shop(Math.round);
    const candidate = { ...baseline.values, http: 'http://127.0.0.1:1', grpc: '127.0.0.1:1' };
    const { plan, seen } = await act({
      kind: 'parity',
      pace: '60/s',
      requests: requests.slice(0, 2),
      baseline: baseline.values,
      candidate,
    });
    expect(checkOf('quote', plan, { ...healthy(plan), drills: [seen] })).toMatchObject({ outcome: 'inconclusive' });
  });
});
