import { describe, expect, test } from 'vitest';
import { planOf, problemsOf } from './loading.ts';

const on = [{ edge: 'shop-stock', operation: 'cart' }];
const breaker = { kind: 'circuit-breaker', on, threshold: 5, openTime: '2s', callTimeout: '500ms' };
const timeout = { kind: 'timeout', on, deadline: '1s' };
const retry = { kind: 'retry', on };
const request = { http: { method: 'POST', url: '{{shop}}/cart', headers: { 'idempotency-key': '{{key}}' } } };
const idempotency = {
  kind: 'idempotency',
  on: [{ edge: 'shop-stock', write: request, effects: { http: { url: '{{shop}}/carts/{{account}}' } } }],
};
const cancellation = { kind: 'cancellation', on: [{ edge: 'shop-stock', request }] };
const ready = { http: '{{shop}}/readyz' };
const readiness = {
  kind: 'readiness',
  on: [{ edge: 'shop-mail', service: 'shop', ready, live: { tcp: '127.0.0.1:1' } }],
  period: '1s',
  threshold: 3,
};

describe('drills', () => {
  test('come after the last phase, one after the other, each step a phase of its own', async () => {
    const { drills, load, faults } = await planOf({ drills: [timeout, { ...retry, name: 'again', rate: '40/s' }] });
    const steps = load.phases.slice(4).map(({ name, drill, startMs, endMs }) => [name, drill, startMs, endMs]);
    expect(steps).toEqual([
      ['timeout-hanging', 'timeout', 15_000, 25_000],
      // Its deadline, its slack and a second, to the next whole one.
      ['timeout-settle', 'timeout', 25_000, 28_000],
      ['again-before', 'again', 28_000, 31_000],
      ['again-outage', 'again', 31_000, 36_000],
      ['again-healed', 'again', 36_000, 44_000],
    ]);
    expect(drills.map(({ name, kind }) => [name, kind])).toEqual([
      ['timeout', 'timeout'],
      ['again', 'retry'],
    ]);
    expect(faults.map(({ name, drill }) => [name, drill])).toEqual([
      ['timeout-hanging-shop-stock', 'timeout'],
      ['again-outage-shop-stock', 'again'],
    ]);
    expect(load.phases.slice(4).map(({ toPerSecond }) => toPerSecond)).toEqual([10, 10, 40, 40, 40]);
    expect(load.maxVUs).toBe(80);
  });

  test('are enough to judge', async () => {
    const budgets = [{ kind: 'errors', phase: 'steady', atMost: '1%' }];
    expect((await planOf({ drills: [readiness], budgets })).drills).toHaveLength(1);
    expect(await problemsOf({ drills: [readiness], budgets: [] })).toContainEqual({
      path: 'budgets',
      message: 'none is judged in the steady phase "steady"',
      hint: 'add one: a fault says nothing about a system that was already broken',
    });
  });

  test('can be looked at by budgets, by their steps and their faults', async () => {
    const budgets = [
      { kind: 'errors', phase: 'steady', atMost: '1%' },
      { kind: 'errors', phase: 'circuit-breaker-healed', atMost: '1%' },
      { kind: 'recovery', after: 'circuit-breaker-hanging-shop-stock', within: '5s', under: '1s', atLeast: '99%' },
    ];
    expect((await planOf({ drills: [breaker], budgets })).budgets).toHaveLength(3);
  });
});

describe('a drill that cannot be is refused, by path, value and hint', () => {
  test.each<[string, object, object]>([
    [
      'an edge that there is not',
      { drills: [{ ...retry, on: [{ edge: 'shop-stok', operation: 'cart' }] }] },
      { path: 'drills[0].on[0].edge', value: 'shop-stok', message: 'unknown edge', hint: 'did you mean "shop-stock"?' },
    ],
    [
      'calls on an edge of bytes',
      { drills: [{ ...breaker, on: [...on, { edge: 'shop-mail', operation: 'cart' }] }] },
      {
        path: 'drills[0].on[1].edge',
        value: 'shop-mail',
        message: 'carries bytes of an unknown protocol: it has no requests',
        hint: 'set its `protocol` to "http" or "grpc"',
      },
    ],
    [
      'an edge twice',
      { drills: [{ ...timeout, on: [...on, { edge: 'shop-prices', operation: 'cart' }, ...on] }] },
      {
        path: 'drills[0].on[2].edge',
        value: 'shop-stock',
        message: 'is in this drill twice',
        hint: 'one entry for each edge',
      },
    ],
    [
      'a service that there is not',
      { drills: [{ ...readiness, on: [{ ...readiness.on[0], service: 'shopp' }] }] },
      { path: 'drills[0].on[0].service', value: 'shopp', message: 'unknown service', hint: 'did you mean "shop"?' },
    ],
    [
      'a placeholder that there is not',
      { drills: [{ ...cancellation, on: [{ edge: 'shop-stock', request: { http: { url: '{{shopp}}/' } } }] }] },
      {
        path: 'drills[0].on[0].request.http.url',
        value: '{{shopp}}/',
        message: 'unknown placeholder {{shopp}}',
        hint: 'did you mean "shop"?',
      },
    ],
    [
      'a placeholder that there is not, deep in a body',
      {
        drills: [
          {
            ...cancellation,
            on: [{ edge: 'shop-stock', request: { http: { url: '{{shop}}', body: { a: [{ b: '{{acount}}' }] } } } }],
          },
        ],
      },
      {
        path: 'drills[0].on[0].request.http.body.a[0].b',
        value: '{{acount}}',
        message: 'unknown placeholder {{acount}}',
        hint: 'did you mean "account"?',
      },
    ],
    [
      'a call that takes longer than anybody waits',
      { drills: [{ ...breaker, callTimeout: '1m' }] },
      { path: 'drills[0].callTimeout', value: 60_000, message: 'is too long to wait for', hint: 'at most a minute' },
    ],
    [
      'no call that hangs',
      { drills: [{ ...timeout, share: '0%' }] },
      {
        path: 'drills[0].share',
        value: 0,
        message: 'must be more than 0%',
        hint: 'without a call that hangs nothing is learnt',
      },
    ],
    [
      'a restart of a service that runs already',
      { drills: [{ ...idempotency, restart: ['stock', 'shop'] }] },
      {
        path: 'drills[0].restart[1]',
        value: 'shop',
        message: 'is no service that the harness starts',
        hint: 'known: stock, mail',
      },
    ],
    [
      'one version only',
      { drills: [{ ...idempotency, versions: [{ pricing: 'full' }] }] },
      {
        path: 'drills[0].versions',
        value: [{ pricing: 'full' }],
        message: 'needs at least two versions',
        hint: 'name the traffic before and after',
      },
    ],
    [
      'traffic that cannot be moved',
      { drills: [{ ...idempotency, versions: [{ pricing: 'full' }, { prices: 'off' }] }] },
      {
        path: 'drills[0].versions[1].prices',
        value: 'off',
        message: 'unknown capability',
        hint: 'known: pricing',
      },
    ],
    [
      'a step that is named like a phase',
      {
        drills: [{ ...retry, name: 'steady' }],
        load: {
          scenario: 'builtin:http',
          phases: [
            { name: 'steady', duration: '5s', rate: '10/s' },
            { name: 'steady-outage', duration: '5s', rate: '10/s' },
          ],
        },
      },
      {
        path: 'drills',
        value: 'steady-outage',
        message: 'has a step that is named like a phase of the load',
        hint: 'give the drill another `name`',
      },
    ],
    [
      'a fault that is named like that of a drill',
      {
        drills: [breaker],
        faults: [{ kind: 'down', edge: 'shop-stock', at: '8s', for: '1s', name: 'circuit-breaker-slow-shop-stock' }],
      },
      {
        path: 'drills',
        value: 'circuit-breaker-slow-shop-stock',
        message: 'has a step whose fault is named like another one',
        hint: 'give the drill or the fault its own `name`',
      },
    ],
    [
      'a restart twice',
      { drills: [{ ...idempotency, restart: ['stock', 'stock'] }] },
      {
        path: 'faults',
        message:
          '"idempotency-restart-stock" and "idempotency-restart-stock" are on the same service at the same time, and one would undo the other',
        hint: 'move one of them',
      },
    ],
    [
      'a call that is no call',
      {
        drills: [
          {
            ...cancellation,
            on: [
              {
                edge: 'shop-prices',
                request: {
                  grpc: { address: '{{stock.grpc}}', protoPath: '.', protoFiles: ['a.proto'], method: 'Get' },
                },
              },
            ],
          },
        ],
      },
      {
        path: 'drills[0].on[0].request.grpc.method',
        value: 'Get',
        message: 'must be like "package.Service/Method"',
      },
    ],
    [
      'a kind that there is not',
      { drills: [{ ...breaker, kind: 'circuit-braker' }] },
      {
        path: 'drills[0].kind',
        value: 'circuit-braker',
        message: 'unknown kind',
        hint: 'did you mean "circuit-breaker"?',
      },
    ],
  ])('%s', async (_, changes, problem) => {
    expect(await problemsOf(changes)).toEqual([problem]);
  });

  test('two of the same name', async () => {
    expect(await problemsOf({ drills: [retry, { ...timeout, name: 'retry' }] })).toEqual([
      { path: 'drills[1].name', value: 'retry', message: 'is used twice', hint: 'give each its own `name`' },
    ]);
  });

  test('two whose faults come to the same name, on edges of unlucky names', async () => {
    const first = { ...readiness, name: 'a', on: [{ ...readiness.on[0], edge: 'lost-shop-mail' }] };
    const second = { ...readiness, name: 'a-lost', on: [readiness.on[0]] };
    // "a" + "lost" + "lost-shop-mail", and "a-lost" + "lost" + "shop-mail".
    expect(await problemsOf({ drills: [first, second] })).toContainEqual(
      expect.objectContaining({ value: 'a-lost-lost-shop-mail', path: 'drills' }),
    );
  });
});
