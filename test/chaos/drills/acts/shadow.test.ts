import { expect, test } from 'vitest';
import { act, jsonServer } from './acting.ts';

const drill = (address: string) => ({
  kind: 'shadow',
  off: { ledger: 'off' },
  shadow: { ledger: 'shadow' },
  for: '2s',
  latency: { operations: ['quote'] },
  effects: { url: `http://${address}/metrics`, metric: 'appends_total', labels: { operation: 'append' } },
  writes: { operations: ['append'] },
  shadowed: { url: `http://${address}/metrics`, metric: 'shadow_total', labels: { outcome: '!dropped' } },
});

test('both counters are read from before the shadow to the end', async () => {
  let reads = 0;
  await using server = await jsonServer((_request, _body, response) => {
    reads += 1;
    response.end(
      `appends_total{operation="append"} 3\nappends_total{operation="get"} 9\nshadow_total{outcome="same"} ${reads}\nshadow_total{outcome="dropped"} 70\n`,
    );
    return { body: '' };
  });
  const { plan, seen } = await act(drill(server.address));
  const { effects = [], shadowed = [], problem } = seen.records?.shadow ?? {};
  expect(problem).toBeUndefined();
  expect(new Set(effects.map(({ value }) => value))).toEqual(new Set([3]));
  const values = shadowed.map(({ value }) => value);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(values.at(-1)).toBe(reads);
  const [off, shadow, after] = plan.drills[0]?.steps ?? [];
  expect(shadowed[0]?.atMs).toBeLessThan(shadow?.startMs ?? 0);
  expect(shadowed[0]?.atMs).toBeGreaterThan(off?.startMs ?? 0);
  expect(shadowed.at(-1)?.atMs).toBeGreaterThan(after?.startMs ?? 0);
});

test('a page that cannot be read is told', async () => {
  const { seen } = await act(drill('127.0.0.1:1'));
  expect(seen.records?.shadow).toEqual({ effects: [], shadowed: [], problem: 'fetch failed' });
});
