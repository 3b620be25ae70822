import { Metadata, status } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../../../helpers/until.ts';
import { EDGE, type TestTap, testTap } from '../tap-fixture.ts';
import { type GrpcCaller, type GrpcEcho, grpcCaller, grpcEcho } from './grpc-fixture.ts';

let callee: GrpcEcho;
let tap: TestTap;
let caller: GrpcCaller;

beforeEach(async () => {
  callee = await grpcEcho();
  tap = await testTap('grpc', callee.address, { idempotencyKey: { field: 2, operations: ['/test.Echo/One'] } });
  caller = grpcCaller(tap.address);
});
afterEach(async () => {
  caller[Symbol.dispose]();
  await tap[Symbol.asyncDispose]();
  await callee[Symbol.asyncDispose]();
});

const outcomes = async (): Promise<string[]> =>
  (await tap.attempts()).map(({ operation, outcome, status: code, rule }) =>
    [operation.replace('/test.Echo/', ''), outcome, code, rule].filter((part) => part !== undefined).join(' '),
  );
const inFlight = (count: number): Promise<void> =>
  until(`${count} in flight`, async () => (await tap.tap.inFlight(EDGE)) === count);

describe('a call', () => {
  test('of each kind is what it is without the tap', async () => {
    using direct = grpcCaller(callee.address);
    const metadata = new Metadata();
    metadata.add('twice', 'a');
    metadata.add('twice', 'b');
    metadata.add('some-bin', Buffer.from([0, 128, 255]));
    for (const [name, messages] of [
      ['One', ['hello']],
      ['One', ['fail']],
      ['Down', ['hello']],
      ['Up', ['a', 'b', 'c']],
      ['Both', ['a', 'b', 'c']],
    ] as const) {
      // Twice, so that headers come from the tables of the connection too.
      for (let repeat = 0; repeat < 2; repeat += 1) {
        const through = await caller.call(name, messages, { metadata });
        expect(through).toEqual(await direct.call(name, messages, { metadata }));
        expect(through.messages.length > 0 || messages[0] === 'fail').toBe(true);
      }
    }
    const { metadata: seen } = callee.log;
    expect(seen[0]?.toJSON()).toEqual(seen[1]?.toJSON());
    expect(seen[0]?.get('some-bin')).toEqual([Buffer.from([0, 128, 255])]);
    expect(await outcomes()).toEqual([
      'One answered 0',
      'One answered 0',
      'One answered 5',
      'One answered 5',
      'Down answered 0',
      'Down answered 0',
      'Up answered 0',
      'Up answered 0',
      'Both answered 0',
      'Both answered 0',
    ]);
  });

  test('passes its deadline on and is recorded with it', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const metadata = new Metadata();
    metadata.set('traceparent', `00-${traceId}-00f067aa0ba902b7-01`);
    const { root } = protobuf.parse('syntax = "proto3"; message M { string a = 1; string key = 2; }');
    const message = root
      .lookupType('M')
      .encode({ a: 'x'.repeat(300), key: 'order 7' })
      .finish();
    await caller.call('One', [Buffer.from(message)], { metadata, deadlineMs: 5_000 });
    await caller.call('Down', [Buffer.from(message)]);
    expect(callee.log.deadlinesMs[0]).toBeGreaterThan(3_000);
    expect(callee.log.deadlinesMs[0]).toBeLessThanOrEqual(5_000);
    const [one, down] = await tap.attempts();
    expect(one).toMatchObject({
      edge: EDGE,
      operation: '/test.Echo/One',
      traceId,
      key: 'order 7',
      outcome: 'answered',
    });
    expect(one?.timeoutMs).toBeGreaterThan(3_000);
    expect(one?.timeoutMs).toBeLessThanOrEqual(5_000);
    // Not one of the operations that carry a key.
    expect(down).not.toHaveProperty('key');
    expect(down).not.toHaveProperty('timeoutMs');
  });

  test('that is canceled is canceled for the callee, at once', async () => {
    const call = caller.call('One', ['wait']);
    await until('it arrives', () => callee.log.calls.length === 1);
    call.cancel();
    expect((await call).code).toBe(status.CANCELLED);
    await until('the callee knows', () => callee.log.canceled === 1);
    expect(await outcomes()).toEqual(['One canceled']);
  });

  test('with a big message is neither slowed down nor changed', async () => {
    const big = Buffer.alloc(24 * 1024 * 1024, 'abcdefg');
    const { messages } = await caller.call('Both', [big]);
    expect(messages[0]?.length).toBe(big.length);
    expect(Buffer.from(messages[0] ?? '', 'latin1').equals(big)).toBe(true);
  });

  test('of many at a time on one connection', async () => {
    const calls = Array.from({ length: 500 }, (_, index) => caller.call('One', [`message ${index}`]));
    const results = await Promise.all(calls);
    expect(results.map(({ messages }) => messages[0])).toEqual(results.map((_, index) => `message ${index}`));
    expect(await tap.attempts()).toHaveLength(500);
  });
});

describe('fail', () => {
  test('answers with trailers alone, and leaves the connection and its headers in order', async () => {
    await tap.rule({ action: { type: 'fail', status: status.RESOURCE_EXHAUSTED }, pattern: { count: 1, of: 2 } });
    const metadata = new Metadata();
    for (const [name, messages] of [
      ['One', ['a']],
      ['Down', ['a']],
      ['Up', ['a', 'b']],
      ['Both', ['a', 'b']],
    ] as const) {
      // New to the connection's table in the call that the callee never sees.
      metadata.set(`x-${name.toLowerCase()}`, `a value that goes into the table ${name}`);
      const failed = await caller.call(name, messages, { metadata });
      expect(failed).toMatchObject({ code: status.RESOURCE_EXHAUSTED, messages: [], trailers: {} });
      expect((await caller.call(name, messages, { metadata })).code).toBe(status.OK);
      expect(callee.log.metadata.at(-1)?.get(`x-${name.toLowerCase()}`)).toHaveLength(1);
    }
    expect(callee.log.calls).toEqual(['One', 'Down', 'Up', 'Both']);
    expect((await outcomes()).slice(0, 2)).toEqual(['One failed 8 rule', 'One answered 0']);
  });
  test('takes what the caller goes on to send', async () => {
    await tap.rule({ action: { type: 'fail', status: status.UNAVAILABLE }, first: 1 });
    const big = Buffer.alloc(8 * 1024 * 1024);
    expect((await caller.call('One', [big])).code).toBe(status.UNAVAILABLE);
    // The connection's window would be used up.
    expect((await caller.call('One', [big])).messages[0]).toHaveLength(big.length);
  });
});

describe('delay', () => {
  test('lets later calls overtake', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 2_000, jitterMs: 0 }, operations: ['/test.Echo/Both'] });
    const held = caller.call('Both', ['a', Buffer.alloc(200_000, 'b')]);
    await inFlight(1);
    expect((await caller.call('One', ['c'])).messages).toEqual(['c']);
    expect(callee.log.calls).toEqual(['One']);
    expect((await held).messages).toEqual(['a', 'b'.repeat(200_000)]);
    expect((await caller.call('One', ['d'])).messages).toEqual(['d']);
    expect(callee.log.calls).toEqual(['One', 'Both', 'One']);
    const delayed = (await tap.attempts()).find(({ rule }) => rule === 'rule');
    expect((delayed?.endMs ?? 0) - (delayed?.startMs ?? 0)).toBeGreaterThanOrEqual(1_999);
  });
  test('of more than the windows hold keeps to the windows', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 500, jitterMs: 100 } });
    // Of 64 KiB each; by default the callee wants no more than that on the whole connection.
    const messages = Array.from({ length: 60 }, (_, index) => `${index} `.repeat(20_000));
    const calls = messages.map((message) => caller.call('Both', [message]));
    await inFlight(60);
    const results = await Promise.all(calls);
    expect(results.map(({ messages: [first] }) => first)).toEqual(messages);
    await tap.tap.removeRule(EDGE, 'rule');
    const big = Buffer.alloc(4 * 1024 * 1024);
    expect((await caller.call('Both', [big])).messages[0]).toHaveLength(big.length);
  });
  test('is seen by the caller as its deadline, and the callee never hears of it', async () => {
    await tap.rule({ action: { type: 'delay', delayMs: 60_000, jitterMs: 0 }, first: 1 });
    const big = Buffer.alloc(4 * 1024 * 1024);
    expect((await caller.call('One', [big], { deadlineMs: 100 })).code).toBe(status.DEADLINE_EXCEEDED);
    await inFlight(0);
    expect((await caller.call('One', [big])).code).toBe(status.OK);
    expect(callee.log.calls).toEqual(['One']);
    expect(await outcomes()).toEqual(['One canceled rule', 'One answered 0']);
  });
});

describe('hang', () => {
  test('ends with the caller', async () => {
    await tap.rule({ action: { type: 'hang' }, first: 2 });
    const big = Buffer.alloc(4 * 1024 * 1024);
    const hung = caller.call('One', [big]);
    expect((await caller.call('One', ['a'], { deadlineMs: 100 })).code).toBe(status.DEADLINE_EXCEEDED);
    // What hangs does not hold up the others on its connection.
    expect((await caller.call('One', [big])).code).toBe(status.OK);
    hung.cancel();
    await inFlight(0);
    expect(await outcomes()).toEqual(['One canceled rule', 'One answered 0', 'One canceled rule']);
    expect(callee.log.calls).toEqual(['One']);
  });
  test('is reset when the rule is removed', async () => {
    await tap.rule({ action: { type: 'hang' } });
    const hung = [caller.call('One', ['a']), caller.call('Both', ['a'])];
    await inFlight(2);
    expect(await tap.tap.removeRule(EDGE, 'rule')).toEqual({ matched: 2, acted: 2 });
    expect((await Promise.all(hung)).map(({ code }) => code)).toEqual([status.INTERNAL, status.INTERNAL]);
    expect(await outcomes()).toEqual(['One cut rule', 'Both cut rule']);
    expect((await caller.call('One', ['a'])).code).toBe(status.OK);
  });
});

test.each([
  ['One', ['hello']],
  ['Down', ['x'.repeat(500_000)]],
  ['Both', ['a', 'b']],
] as const)(
  'cut: the callee finishes %s, then the connection is lost with all that is on it',
  async (name, messages) => {
    const other = caller.call('One', ['wait']);
    await until('it arrives', () => callee.log.calls.length === 1);
    await tap.rule({ action: { type: 'cut' }, first: 1 });
    const cut = await caller.call(name, messages);
    expect(cut).toMatchObject({ code: status.UNAVAILABLE, messages: [] });
    expect((await other).code).toBe(status.UNAVAILABLE);
    expect(callee.log.finished).toBe(1);
    expect(await outcomes()).toEqual([`${name} cut rule`, 'One cut']);
    // The caller connects anew.
    expect((await caller.call('One', ['a'])).code).toBe(status.OK);
  },
);

test('a callee that ends in order takes no call down with it', async () => {
  const done = caller.call('Both', []);
  expect((await done).code).toBe(status.OK);
  const call = caller.call('One', ['wait']);
  await until('it arrives', () => callee.log.calls.length === 2);
  const stopped = new Promise<void>((resolve) => callee.server.tryShutdown(() => resolve()));
  // The callee has said that it goes away: new calls are refused by the caller itself.
  await until(
    'the caller knows',
    async () => (await caller.call('One', ['a'], { deadlineMs: 300 })).code === (status.UNAVAILABLE as number),
  );
  call.cancel();
  await stopped;
});
