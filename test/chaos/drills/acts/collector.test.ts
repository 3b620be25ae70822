import { expect, test } from 'vitest';
import { startCollector } from '../../../../lib/observe/traces/collector.ts';
import { until } from '../../../helpers/until.ts';
import { act } from './acting.ts';

const DRILL = { kind: 'collector', for: '400ms', rounds: 2 };

/** Exports over and over, as a service does, with a new connection each time; counts what came of it in each state. */
function exporting(address: string, taken: () => void) {
  const answers: { atMs: number; ok: boolean }[] = [];
  const stop = new AbortController();
  const done = (async () => {
    while (!stop.signal.aborted) {
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(60)]);
      const atMs = performance.now();
      const ok = await fetch(`http://${address}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-protobuf', connection: 'close' },
        body: '',
        signal,
      }).then(
        (response) => response.ok,
        () => false,
      );
      if (ok) taken();
      answers.push({ atMs, ok });
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    answers,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await done;
    },
  };
}

test('the collector hangs and is down in turn, and is there again afterwards', async () => {
  let spans = 0;
  await using collector = await startCollector(() => {});
  const set: string[] = [];
  await using exporter = exporting(collector.http, () => (spans += 1));
  await until('the exporter exports', () => spans > 0);
  const { seen } = await act(DRILL, {
    collector: {
      async set(state) {
        set.push(state);
        await collector.set(state);
      },
      counts: () => ({ spans: { shop: spans }, held: collector.held() }),
    },
  });
  expect(seen.problem).toBeUndefined();
  expect(set).toEqual(['hanging', 'closed', 'open', 'hanging', 'closed', 'open', 'open']);
  expect(seen.marks?.map(({ step, event }) => [step, event])).toEqual([
    ['hang-1', 'hanging'],
    ['down-1', 'closed'],
    ['with-2', 'open'],
    ['hang-2', 'hanging'],
    ['down-2', 'closed'],
    ['back', 'open'],
  ]);
  const record = seen.records?.collector;
  expect(record?.spans['shop']).toBeGreaterThan(0);
  expect(record?.held).toBeGreaterThan(0);
  expect(record?.spansAfter['shop']).toBeGreaterThan(0);
  expect(exporter.answers.some(({ ok }) => !ok)).toBe(true);
}, 20_000);

test('however it ends, there is a collector afterwards', async () => {
  const set: string[] = [];
  const { seen } = await act(DRILL, {
    collector: {
      set(state) {
        set.push(state);
        return state === 'closed' ? Promise.reject(new Error('the port is lost')) : Promise.resolve();
      },
      counts: () => ({ spans: {}, held: 0 }),
    },
  });
  expect(seen.problem).toBe('the port is lost');
  expect(set.at(-1)).toBe('open');
  expect(seen.records).toEqual({});
});

test('without a collector it cannot be carried out', async () => {
  const { seen } = await act(DRILL);
  expect(seen.problem).toBe('there is no collector');
});
