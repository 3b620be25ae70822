import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status as codes } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import { healthy } from '../../../judge/builders.ts';
import { checkOf, outcomesOf } from '../../../judge/drills/plans.ts';
import { ROOT, act, grpcServer, jsonServer } from './acting.ts';

const CONTRACTS = 'services/contracts';
const FILES = ['cutover/v1/pricing.proto', 'cutover/v1/ledger.proto'];
const ID = 'a'.repeat(32);
const LINES = [{ sku: 'a', quantity: 1 }];
const NEW_MODES = ['GET /admin/switch', 'PUT /admin/switch/{capability}', 'PUT /admin/kill-switch'].flatMap(
  (operation) =>
    ['pricing', 'ledger'].map((name) => `values-changed ${operation} response 200 /capabilities/${name}/mode`),
);

let folder: string | undefined;
afterEach(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true });
  folder = undefined;
});

const quote = { netMinor: 1, taxMinor: 1, totalMinor: 2, currency: 'EUR', servedBy: 'engine' };
const line = { sku: 'a', quantity: 1, unitMinor: 1, discountMinor: 0, netMinor: 1 };
const entry = {
  id: ID,
  account: 'a',
  amountMinor: 1,
  reference: '',
  sequence: 1,
  balanceMinor: 1,
  committedAtMs: 1,
  storedBy: 'engine',
};

interface Shop {
  /** What it does to a quote that it answers. */
  readonly change?: (quote: Record<string, unknown>) => unknown;
  readonly needsCurrency?: boolean;
}

/** A shop of the previous contract; some of its kind do not keep to it. */
async function shop({ change = (same) => same, needsCurrency = false }: Shop = {}) {
  const asked: string[] = [];
  const bodies: unknown[] = [];
  const http = await jsonServer(({ method, url = '', headers }, content) => {
    asked.push(`${method} ${url.replace(/contract-\w+-\d+-\w+/, 'KEY')}`);
    if (headers.authorization !== 'Bearer t') return { status: 401, body: {} };
    if (method === 'GET') return url.endsWith(ID) ? { body: entry } : { status: 404, body: {} };
    const body = JSON.parse(content) as Record<string, unknown>;
    bodies.push(body);
    if (url === '/v1/ledger/entries')
      return { status: headers['idempotency-key'] === undefined ? 400 : 201, body: entry };
    if (needsCurrency && body['currency'] === undefined) {
      return { status: 400, body: { error: { code: 'INVALID_ARGUMENT', message: 'currency is needed' } } };
    }
    return { body: change({ ...quote, lines: [line] }) };
  });
  const grpc = await grpcServer(`${ROOT}/${CONTRACTS}/proto`, FILES, {
    'cutover.v1.Pricing/Quote': ({ currency }) =>
      needsCurrency && currency === ''
        ? { code: codes.INVALID_ARGUMENT, details: 'currency is needed' }
        : { message: change({ ...quote, lines: [line] }) as object },
    'cutover.v1.Ledger/Append': () => ({ message: entry }),
    'cutover.v1.Ledger/Get': ({ id }) => (id === ID ? { message: entry } : { code: codes.NOT_FOUND }),
  });
  const target = {
    name: 'shop',
    http: `http://${http.address}`,
    grpc: grpc.address,
    headers: { authorization: 'Bearer t' },
  };
  return {
    asked,
    bodies,
    target,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await grpc[Symbol.asyncDispose]();
    },
  };
}

const drill = (
  targets: readonly object[],
  { openapi = {}, proto = {} }: { openapi?: object; proto?: object } = {},
) => ({
  kind: 'contract',
  openapi: {
    previous: `${CONTRACTS}/previous/openapi.yaml`,
    current: `${CONTRACTS}/openapi.yaml`,
    calls: [
      { operation: 'quote' },
      { operation: 'ledger-append', values: { 'Idempotency-Key': '{{key}}', account: '{{account}}' } },
      { operation: 'ledger-get', values: { id: '{{ledger-append#/id}}' } },
    ],
    allow: NEW_MODES,
    ...openapi,
  },
  proto: {
    previous: `${CONTRACTS}/previous/proto`,
    current: `${CONTRACTS}/proto`,
    files: FILES,
    calls: [
      {
        method: 'cutover.v1.Pricing/Quote',
        message: { customerId: 'a', lines: LINES },
        filled: ['/totalMinor', '/lines/*/unitMinor'],
      },
      { method: 'cutover.v1.Ledger/Append', message: { idempotencyKey: '{{key}}', account: 'a', amountMinor: 1 } },
      { method: 'cutover.v1.Ledger/Get', message: { id: '{{cutover.v1.Ledger/Append#/id}}' }, filled: ['/sequence'] },
    ],
    ...proto,
  },
  targets,
});

const GREEN = { 'shop-http': 'pass', 'shop-grpc': 'pass', 'openapi-changes': 'pass', 'proto-changes': 'pass' };

describe("the previous contract's client, against real servers", () => {
  test('a shop that keeps to it is green', async () => {
    await using kept = await shop();
    const { plan, seen } = await act(drill([kept.target]));
    expect(seen.problem).toBeUndefined();
    const observations = { ...healthy(plan), drills: [seen] };
    expect(outcomesOf(plan, observations)).toEqual(GREEN);
    // What is required, and then all that the contract knows.
    expect(kept.asked).toEqual([
      'POST /v1/quotes',
      'POST /v1/ledger/entries',
      'POST /v1/ledger/entries',
      `GET /v1/ledger/entries/${ID}`,
    ]);
    expect(kept.bodies).toEqual([
      { customerId: 'a', lines: [{ sku: 'a', quantity: 1 }] },
      { account: expect.stringMatching(/^contract-shop-2-/), amountMinor: 1 },
      { account: expect.stringMatching(/^contract-shop-3-/), amountMinor: 1, reference: '' },
    ]);
  });

  test('one that needs what they do not send is red, by operation and field', async () => {
    await using broken = await shop({ needsCurrency: true });
    const { plan, seen } = await act(drill([broken.target]));
    const observations = { ...healthy(plan), drills: [seen] };
    expect(outcomesOf(plan, observations)).toEqual({ ...GREEN, 'shop-http': 'fail', 'shop-grpc': 'fail' });
    expect(checkOf('shop-http', plan, observations)).toMatchObject({
      evidence: { operations: 'quote', fields: 'status' },
    });
    expect(checkOf('shop-http', plan, observations).reason).toMatch(/^quote status: HTTP 400 .*currency is needed/);
    expect(checkOf('shop-grpc', plan, observations).reason).toBe(
      'cutover.v1.Pricing/Quote status: INVALID_ARGUMENT: currency is needed',
    );
  });

  test.each<[string, (quote: Record<string, unknown>) => unknown, string, string]>([
    ['a field less', (same) => ({ ...same, totalMinor: undefined }), '/totalMinor', '/totalMinor'],
    ['another type', (same) => ({ ...same, totalMinor: '2' }), '/totalMinor', ''],
    [
      'a field less deep in it',
      (same) => ({ ...same, lines: [{ ...line, unitMinor: undefined }] }),
      '/lines/*/unitMinor',
      '/lines/*/unitMinor',
    ],
    ['an unknown value', (same) => ({ ...same, servedBy: 'somebody' }), '/servedBy', ''],
  ])('%s is named', async (_, change, overHttp, overGrpc) => {
    await using broken = await shop({ change });
    const { plan, seen } = await act(drill([broken.target]));
    const observations = { ...healthy(plan), drills: [seen] };
    expect(checkOf('shop-http', plan, observations)).toMatchObject({
      outcome: 'fail',
      evidence: { operations: 'quote', fields: overHttp },
    });
    const grpc = checkOf('shop-grpc', plan, observations);
    expect([grpc.outcome, grpc.evidence['fields'] ?? '']).toEqual([overGrpc === '' ? 'pass' : 'fail', overGrpc]);
  });

  test('a deviation that is allowed is not', async () => {
    await using broken = await shop({ change: (same) => ({ ...same, servedBy: 'somebody' }) });
    const { plan, seen } = await act(drill([broken.target], { openapi: { allow: [...NEW_MODES, 'quote /servedBy'] } }));
    expect(outcomesOf(plan, { ...healthy(plan), drills: [seen] })).toEqual(GREEN);
  });

  test('a target that is not there decides nothing; a token that is refused is told', async () => {
    await using kept = await shop();
    const gone = {
      name: 'gone',
      http: 'http://127.0.0.1:1',
      grpc: '127.0.0.1:1',
      only: ['quote', 'cutover.v1.Pricing/Quote'],
    };
    const { plan, seen } = await act(drill([gone, { ...kept.target, headers: {}, grpc: undefined, only: ['quote'] }]));
    const outcomes = outcomesOf(plan, { ...healthy(plan), drills: [seen] });
    expect(outcomes).toMatchObject({ 'gone-http': 'inconclusive', 'gone-grpc': 'inconclusive', 'shop-http': 'fail' });
  });
});

describe('changes since the previous contract', () => {
  test('that break clients are named, unless they are allowed', async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-test-'));
    await cp(join(ROOT, CONTRACTS), folder, { recursive: true });
    const pricing = join(folder, 'proto/cutover/v1/pricing.proto');
    await writeFile(pricing, (await readFile(pricing, 'utf8')).replace('int64 tax_minor = 3', 'string tax_minor = 3'));
    const openapi = join(folder, 'openapi.yaml');
    const text = await readFile(openapi, 'utf8');
    await writeFile(openapi, text.replace('required: [customerId, lines]', 'required: [customerId, lines, currency]'));
    await using kept = await shop();
    const changed = { openapi: { current: openapi }, proto: { current: join(folder, 'proto') } };
    const { plan, seen } = await act(drill([{ ...kept.target, only: ['quote', 'cutover.v1.Pricing/Quote'] }], changed));
    const observations = { ...healthy(plan), drills: [seen] };
    expect(outcomesOf(plan, observations)).toEqual({ ...GREEN, 'openapi-changes': 'fail', 'proto-changes': 'fail' });
    expect(checkOf('openapi-changes', plan, observations).reason).toBe(
      'property-required POST /v1/quotes request /currency: /currency is needed now; property-required POST /v1/orders request /currency: /currency is needed now',
    );
    expect(checkOf('proto-changes', plan, observations).reason).toMatch(
      /^FIELD_SAME_TYPE cutover\/v1\/pricing.proto:\d+: Field "3" .* changed type from "int64" to "string"/,
    );
    const allow = {
      openapi: { ...changed.openapi, allow: [...NEW_MODES, 'property-required'] },
      proto: { ...changed.proto, allow: ['FIELD_SAME_TYPE'] },
    };
    const allowed = await act(drill([{ ...kept.target, only: ['quote', 'cutover.v1.Pricing/Quote'] }], allow));
    expect(outcomesOf(allowed.plan, { ...healthy(allowed.plan), drills: [allowed.seen] })).toEqual(GREEN);
  });

  test('that cannot be looked at decide nothing', async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-test-'));
    await writeFile(join(folder, 'broken.proto'), 'syntax = "proto3"; message {');
    await using kept = await shop();
    const broken = { openapi: { current: join(folder, 'nowhere.yaml') }, proto: { current: folder } };
    const { plan, seen } = await act(drill([{ ...kept.target, only: ['quote', 'cutover.v1.Pricing/Quote'] }], broken));
    const observations = { ...healthy(plan), drills: [seen] };
    expect(outcomesOf(plan, observations)).toEqual({
      ...GREEN,
      'openapi-changes': 'inconclusive',
      'proto-changes': 'inconclusive',
    });
    expect(checkOf('proto-changes', plan, observations).reason).toMatch(
      /buf cannot read .*: broken.proto:1: missing name/,
    );
  });
});
