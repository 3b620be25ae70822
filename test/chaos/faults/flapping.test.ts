import { afterEach, expect, test } from 'vitest';
import { http2Echo, httpEcho } from '../../helpers/echo-servers.ts';
import { type TestEdge, aFault, judged, testEdge } from './proxied-edge.ts';
import { exchange, httpGet, open } from './raw.ts';

const FLAPPING = aFault({ kind: 'flapping', downMs: 100, upMs: 100 });

let edge: TestEdge;
afterEach(async () => await edge[Symbol.asyncDispose]());

test.each([
  ['http', httpEcho],
  ['grpc', http2Echo],
  ['tcp', httpEcho],
] as const)('goes down and up in turn over %s, and is up in the end', async (protocol, start) => {
  edge = await testEdge(start, protocol);
  const bound = edge.bind(FLAPPING);
  const before = await edge.probe(FLAPPING);
  const during = [];
  await bound.inject();
  during.push(await edge.probe(FLAPPING));
  await bound.adjust(1);
  during.push(await edge.probe(FLAPPING));
  await bound.adjust(0);
  during.push(await edge.probe(FLAPPING));
  const refused = { roundTripMs: undefined, error: expect.stringContaining('ECONNREFUSED') as unknown };
  expect(during).toEqual([refused, { roundTripMs: expect.any(Number) as unknown, error: undefined }, refused]);
  await bound.remove();
  await edge.expectClean();
  const after = await edge.probe(FLAPPING);
  expect(judged(FLAPPING, { before, during, after })).toMatchObject({ disturbed: true, missing: '' });
  expect(judged(FLAPPING, { before, during: [before], after }).disturbed).toBe(false);
  expect(judged(FLAPPING, { before, during: during.slice(0, 1), after })).toMatchObject({
    disturbed: false,
    missing: 'it never answered during the fault',
  });
});

test('each turn down cuts what was open', async () => {
  edge = await testEdge(httpEcho);
  const bound = edge.bind(FLAPPING);
  const [first, second] = [await open(edge.port), await open(edge.port)];
  await bound.inject();
  expect(await Promise.all([first.ended, second.ended])).toEqual([
    expect.stringMatching(/end|ECONNRESET/),
    expect.stringMatching(/end|ECONNRESET/),
  ]);
  await bound.adjust(1);
  const third = await open(edge.port);
  await bound.adjust(0);
  expect(await third.ended).toMatch(/end|ECONNRESET/);
  expect((await exchange(edge.port, Buffer.from('?'), 1)).ended).toBe('ECONNREFUSED');
  await bound.remove();
  expect(await httpGet(edge.listen)).toEqual(expect.any(Number));
  for (const { socket } of [first, second, third]) socket.destroy();
});

test('taken away while it is up, and while it is down', async () => {
  edge = await testEdge(httpEcho);
  const bound = edge.bind(FLAPPING);
  for (const last of [1, 0]) {
    await bound.inject();
    await bound.adjust(1);
    await bound.adjust(last);
    await bound.remove();
    await edge.expectClean();
    expect(await httpGet(edge.listen)).toEqual(expect.any(Number));
  }
});
