import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { schedule } from '../../chaos/schedule.ts';
import { anExperiment } from './input.ts';
import { planOf, withChanges } from './loading.ts';

const PRINT_PLAN = fileURLToPath(new URL('fixtures/print-plan.ts', import.meta.url));

const on = [{ edge: 'shop-stock', operation: 'cart' }];
const request = { http: { url: '{{shop}}/carts/{{account}}' } };

/** Everything that is drawn, or worked out with fractions. */
const DRAWN = {
  load: {
    ...anExperiment().load,
    phases: [
      { name: 'steady', duration: '5s', rate: '10/s' },
      { name: 'broken', duration: '333333ms', rate: '10/s' },
    ],
  },
  faults: [
    {
      kind: 'latency',
      edge: 'shop-stock',
      latency: { from: '1ms', to: '1s' },
      at: '7s',
      for: '7777ms',
      connections: '33.3%',
      repeat: { times: 20, every: '16s', spread: '8s' },
    },
    { kind: 'bandwidth', edge: 'shop-mail', rate: { from: '7MB', to: '1kB' }, at: '10s', for: '100001ms' },
    { kind: 'flapping', edge: 'shop-prices', down: '333ms', up: '777ms', at: '10s', for: '1m' },
    {
      kind: 'request-fail',
      edge: 'shop-prices',
      with: 'UNAVAILABLE',
      share: '12.5%',
      at: '8s',
      for: '1s',
      repeat: { times: 100, every: '3s', spread: '1999ms' },
    },
    { kind: 'request-delay', edge: 'shop-stock', delay: '20ms', jitter: '7ms', share: '1%', during: 'broken' },
    { kind: 'cpu-pressure', service: 'stock', cores: { from: '3 cores', to: '0.1 cores' }, at: '20s', for: '1m' },
  ],
  drills: [
    { kind: 'circuit-breaker', on, threshold: 5, openTime: '1777ms', callTimeout: '333ms' },
    { kind: 'timeout', on, deadline: '333ms' },
    { kind: 'retry', on, rate: '20000/m' },
    { kind: 'cancellation', on: [{ edge: 'shop-stock', request }] },
    { kind: 'idempotency', on: [{ edge: 'shop-stock', write: request, effects: request }], restart: ['mail'] },
  ],
};

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'cutover-seed-'));
  writeFileSync(join(cwd, 'cutover.config.json'), JSON.stringify(withChanges({ ...DRAWN, seed: 7 })));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

/** What a process of its own makes of the same file, for each of the seeds. */
async function printed(...seeds: number[]): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PRINT_PLAN, cwd, ...seeds.map(String)], {
    maxBuffer: 1 << 28,
  });
  return stdout.trimEnd().split('\n');
}

function countsIn(text = ''): readonly number[] {
  const { faults, drills } = JSON.parse(text) as { faults: unknown[]; drills: unknown[] };
  return [faults.length, drills.length];
}

test('the same seed gives the same faults, drills and schedule, 100 times of 100, byte by byte', async () => {
  const texts = [];
  for (let round = 0; round < 100; round += 1) {
    const { faults, drills } = await planOf({ ...DRAWN, seed: 7 });
    texts.push(JSON.stringify({ faults, drills, schedule: schedule(faults) }));
  }
  expect(texts).toHaveLength(100);
  expect(new Set(texts).size).toBe(1);
  // There is something that could differ.
  expect(countsIn(texts[0])).toEqual([134, 5]);
});

test('also in other processes; another seed gives others', async () => {
  const { faults, drills } = await planOf({ ...DRAWN, seed: 7 });
  const here = JSON.stringify({ faults, drills, schedule: schedule(faults) });
  const processes = [await printed(7, 8), await printed(7), await printed(9, 7)];
  expect([processes[0]?.[0], processes[1]?.[0], processes[2]?.[1]]).toEqual([here, here, here]);
  const others = new Set([here, processes[0]?.[1], processes[2]?.[0]]);
  expect(others.size).toBe(3);
  for (const other of others) expect(countsIn(other)).toEqual([134, 5]);
});

test('only what is drawn differs with the seed', async () => {
  const [a, b] = await Promise.all([planOf({ ...DRAWN, seed: 7 }), planOf({ ...DRAWN, seed: 8 })]);
  const fixed = ({ faults }: typeof a) =>
    faults
      .filter(({ name, drill }) => drill === undefined && !/-\d+$/.test(name))
      .map(({ name, startMs }) => [name, startMs]);
  expect(fixed(a)).toHaveLength(4);
  expect(fixed(a)).toEqual(fixed(b));
  const drawn = ({ faults }: typeof a) => faults.filter(({ name }) => /-\d+$/.test(name)).map(({ startMs }) => startMs);
  const same = drawn(a).filter((startMs, index) => startMs === drawn(b)[index]).length;
  // The first of each begins on time; of the other 118 hardly any by chance.
  expect(same).toBeLessThan(10);
  expect(a.drills).toEqual(b.drills);
});
