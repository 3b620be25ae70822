import { afterEach, describe, expect, test } from 'vitest';
import type { Direction } from '../../../chaos/faults/toxic.ts';
import { until } from '../../helpers/until.ts';
import { type TestEdge, aFault, testEdge } from './proxied-edge.ts';
import { type ByteServer, byteServer, exchange, open } from './raw.ts';

/** What passes is longer than one write, and not all the same. */
const CONTENT = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 251));
const EARLY_MS = 10;

let edge: TestEdge;
let upstream: ByteServer;
afterEach(async () => await edge[Symbol.asyncDispose]());

async function setUp(answer = CONTENT): Promise<void> {
  edge = await testEdge(async () => (upstream = await byteServer(answer)), 'tcp');
}

/** How long the whole answer takes. */
async function downloadMs(): Promise<number> {
  const { received, sentMs, lastMs } = await exchange(edge.port, Buffer.from('?'), CONTENT.length);
  expect(received.equals(CONTENT)).toBe(true);
  return lastMs - sentMs;
}

/** How long it takes until the callee has the whole request. */
async function uploadMs(): Promise<number> {
  const wanted = upstream.received() + CONTENT.length;
  const { socket } = await open(edge.port);
  const startMs = performance.now();
  socket.write(CONTENT);
  await until('all has arrived', () => upstream.received() >= wanted);
  const tookMs = performance.now() - startMs;
  socket.destroy();
  return tookMs;
}

describe('bandwidth', () => {
  test.each<[Direction, () => Promise<number>]>([
    ['replies', downloadMs],
    ['requests', uploadMs],
  ])('of %s is what it is set to, and no more limited afterwards', async (direction, transferMs) => {
    await setUp(direction === 'replies' ? CONTENT : Buffer.from('!'));
    const fault = edge.bind(aFault({ kind: 'bandwidth', bytesPerSecond: 80_000, direction }));
    const fullMs = (CONTENT.length / 80_000) * 1_000;
    expect(await transferMs()).toBeLessThan(fullMs - EARLY_MS);
    await fault.inject();
    expect(await fault.sign()).toEqual({ seen: true, detail: 'the proxy reports bandwidth {"rate":80}' });
    expect(await transferMs()).toBeGreaterThanOrEqual(fullMs - EARLY_MS);
    await fault.remove();
    await edge.expectClean();
    expect(await transferMs()).toBeLessThan(fullMs - EARLY_MS);
  });

  test('moves with a ramp', async () => {
    await setUp();
    const ramp = { from: 10_000_000, to: 80_000 };
    const fault = edge.bind(aFault({ kind: 'bandwidth', bytesPerSecond: 80_000, ramp }));
    await fault.inject();
    expect(await downloadMs()).toBeLessThan(1_000 - EARLY_MS);
    await fault.adjust(100_000);
    expect(await fault.sign()).toEqual({ seen: true, detail: 'the proxy reports bandwidth {"rate":100}' });
    expect(await downloadMs()).toBeGreaterThanOrEqual(1_000 - EARLY_MS);
    await fault.remove();
    expect(await downloadMs()).toBeLessThan(1_000 - EARLY_MS);
  });

  test('in both directions at once, each by its own measure', async () => {
    await setUp();
    const replies = edge.bind(aFault({ name: 'replies', kind: 'bandwidth', bytesPerSecond: 100_000 }));
    const requests = edge.bind(
      aFault({ name: 'requests', kind: 'bandwidth', bytesPerSecond: 200_000, direction: 'requests' }),
    );
    await replies.inject();
    await requests.inject();
    const [down, up] = await Promise.all([downloadMs(), uploadMs()]);
    expect(down).toBeGreaterThanOrEqual(1_000 - EARLY_MS);
    expect(up).toBeGreaterThanOrEqual(500 - EARLY_MS);
    await replies.remove();
    expect(await requests.sign()).toMatchObject({ seen: true });
    expect(await downloadMs()).toBeLessThan(1_000 - EARLY_MS);
    await requests.remove();
    await edge.expectClean();
  });
});

describe('a slicer', () => {
  const content = CONTENT.subarray(0, 64);

  test('lets everything through, piece by piece', async () => {
    await setUp(content);
    // 64 bytes are halved until a piece has 8: seven delays between eight pieces.
    const fault = edge.bind(aFault({ kind: 'slicer', averageBytes: 8, variationBytes: 0, delayMs: 100 }));
    const once = async () => await exchange(edge.port, Buffer.from('?'), content.length);
    const before = await once();
    expect(before.lastMs - before.sentMs).toBeLessThan(700 - EARLY_MS);
    await fault.inject();
    expect(await fault.sign()).toEqual({
      seen: true,
      detail: 'the proxy reports slicer {"average_size":8,"size_variation":0,"delay":100000}',
    });
    const { received, sentMs, lastMs } = await once();
    expect(received.equals(content)).toBe(true);
    expect(lastMs - sentMs).toBeGreaterThanOrEqual(700 - EARLY_MS);
    await fault.remove();
    await edge.expectClean();
    const after = await once();
    expect(after.lastMs - after.sentMs).toBeLessThan(700 - EARLY_MS);
  });

  test('with as much variation as a plan may have, 200 times', async () => {
    await setUp();
    const fault = edge.bind(aFault({ kind: 'slicer', averageBytes: 1_000, variationBytes: 999, delayMs: 0 }));
    await fault.inject();
    for (let round = 0; round < 200; round += 1) await downloadMs();
    expect(edge.server.exit()).toBeUndefined();
    await fault.remove();
    await edge.expectClean();
  });
});

describe('a limit of data', () => {
  test('ends a connection after exactly so many bytes of replies', async () => {
    await setUp();
    const fault = edge.bind(aFault({ kind: 'limit-data', bytes: 30_001 }));
    await fault.inject();
    expect(await fault.sign()).toEqual({ seen: true, detail: 'the proxy reports limit_data {"bytes":30001}' });
    const cut = await exchange(edge.port, Buffer.from('?'), CONTENT.length);
    expect(cut.received.equals(CONTENT.subarray(0, 30_001))).toBe(true);
    expect(cut.ended).toBe('end');
    await fault.remove();
    await edge.expectClean();
    await downloadMs();
  });

  test('of requests: the callee gets no more', async () => {
    await setUp(Buffer.from('!'));
    const fault = edge.bind(aFault({ kind: 'limit-data', bytes: 500, direction: 'requests' }));
    await fault.inject();
    const { socket, ended } = await open(edge.port);
    socket.write(CONTENT.subarray(0, 2_000));
    await ended;
    socket.destroy();
    await until('something has arrived', () => upstream.received() >= 500);
    expect(upstream.received()).toBe(500);
    await fault.remove();
    await edge.expectClean();
    await uploadMs();
  });
});
