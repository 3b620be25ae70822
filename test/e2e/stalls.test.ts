import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readTimeline } from '../../lib/observe/timeline.ts';
import { type Verdict, verdictSchema } from '../../reports/model/verdict.ts';
import { dueTimes } from '../../scenarios/support/due-times.ts';
import { makeProject, runCli } from '../helpers/cli.ts';

const SERVER = fileURLToPath(new URL('fixtures/stalling-server.mjs', import.meta.url));

/** Neither divides the other's beat, so that arrivals fall on every part of a stall. */
const PERIOD_MS = 503;
const STALL_MS = 50;
const RATE = 197;
const SECONDS = 24;

async function run(maxVUs: number, stallMs: number, budget: object): Promise<{ verdict: Verdict; folder: string }> {
  const folder = makeProject({
    'cutover.config.json': {
      version: 1,
      system: {
        services: {
          server: {
            process: { command: [process.execPath, SERVER, '{{server.http}}', `${PERIOD_MS}`, `${stallMs}`] },
            ports: ['http'],
            ready: { tcp: '{{server.http}}' },
          },
        },
      },
      experiments: [
        {
          version: 1,
          name: 'stalls',
          load: {
            scenario: 'builtin:http',
            env: { URL: 'http://{{server.http}}/' },
            maxVUs,
            phases: [
              { name: 'warm-up', duration: '4s', rate: `${RATE}/s` },
              { name: 'steady', duration: `${SECONDS}s`, rate: `${RATE}/s` },
            ],
          },
          budgets: [{ kind: 'latency', phase: 'steady', ...budget }],
        },
      ],
    },
  });
  await runCli(folder, ['run']);
  const path = join(folder, 'reports/out/stalls/latest');
  return { verdict: verdictSchema.parse(JSON.parse(readFileSync(join(path, 'verdict.json'), 'utf8'))), folder: path };
}

/** How long each request of the steady phase takes when it is sent exactly when it is due, in milliseconds, sorted. */
function oracle(startEpochMs: number): number[] {
  const phases = [{ name: 'all', startMs: 0, endMs: (4 + SECONDS) * 1_000, fromPerSecond: RATE, toPerSecond: RATE }];
  const due = dueTimes({ phases, maxVUs: 100 });
  const responses: number[] = [];
  for (let index = 0; ; index += 1) {
    const dueMs = due.dueMs(index);
    if (dueMs === undefined) break;
    if (dueMs < 4_000) continue;
    const intoMs = (startEpochMs + dueMs) % PERIOD_MS;
    responses.push(intoMs < STALL_MS ? STALL_MS - intoMs : 0);
  }
  return responses.toSorted((a, b) => a - b);
}

describe('a server that stands still for 50 ms twice a second', () => {
  let result: { verdict: Verdict; folder: string };
  beforeAll(async () => {
    result = await run(100, STALL_MS, { under: '30ms', atLeast: '90%' });
  }, 90_000);

  const row = () => result.verdict.operations.find(({ phase }) => phase === 'steady');
  const expected = () => {
    const path = join(result.folder, 'observations.json');
    const { startEpochMs } = JSON.parse(readFileSync(path, 'utf8')) as { startEpochMs: number };
    return oracle(startEpochMs);
  };

  test('the oracle says something: a tenth of the requests waits', () => {
    const waiting = expected().filter((ms) => ms > 0).length;
    expect(waiting / expected().length).toBeGreaterThan(0.08);
    expect(result.verdict.checks.find(({ kind }) => kind === 'generator')?.outcome).toBe('pass');
  });

  test.each([
    ['p50', 0.5],
    ['p90', 0.9],
    ['p95', 0.95],
    ['p99', 0.99],
    ['p999', 0.999],
  ] as const)('%s is the oracle’s, ± 1 ms', (name, q) => {
    const sorted = expected();
    const exact = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
    // What a request takes that does not wait at all: the way there and back, which the oracle leaves out.
    const wayMs = row()?.quantiles.p50 ?? 0;
    expect(wayMs).toBeLessThan(1.5);
    const measured = row()?.quantiles[name] ?? 0;
    expect(measured - (exact + (exact > 0 ? wayMs : 0))).toBeGreaterThan(-1);
    expect(measured - (exact + wayMs)).toBeLessThan(1);
  });

  test('the budget counts what the oracle counts', () => {
    const check = result.verdict.checks.find(({ kind }) => kind === 'latency');
    const good = expected().filter((ms) => ms < 30).length;
    expect(check?.evidence['exact']).toBe(true);
    // A request that is due 1 ms either side of the limit may fall on the other: some 1 in 20 ms of stalls.
    const slack = (expected().length * 1.5) / PERIOD_MS;
    expect(Math.abs(Number(check?.evidence['goodLow']) - good)).toBeLessThan(slack);
  });
});

test('iterations that a stall left no virtual user for are bad events, each of them', async () => {
  const { verdict, folder } = await run(20, 300, { under: '400ms', atLeast: '99%', minEvents: 10 });
  const seconds = readTimeline(readFileSync(join(folder, 'timeline.ndjson'), 'utf8'));
  const dropped = seconds.filter(({ phase }) => phase === 'steady').reduce((sum, second) => sum + second.dropped, 0);
  expect(dropped).toBeGreaterThan(100);
  const check = verdict.checks.find(({ kind }) => kind === 'latency');
  expect(check?.outcome).toBe('fail');
  expect(check?.evidence['dropped']).toBe(dropped);
  const planned = RATE * SECONDS;
  // Requests and drops together are all arrivals of the phase; two may lie on its edge.
  expect(Math.abs(Number(check?.evidence['total']) - planned)).toBeLessThanOrEqual(planned * 0.01);
}, 90_000);
