import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { sumHistograms } from '../../lib/judge/tally.ts';
import { quantile } from '../../lib/observe/histogram.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { readTimeline } from '../../lib/observe/timeline.ts';
import { type Verdict, verdictSchema } from '../../reports/model/verdict.ts';
import { makeProject, runCli } from '../helpers/cli.ts';

const SERVER = fileURLToPath(new URL('fixtures/stalling-server.mjs', import.meta.url));

/** No multiple of the time between arrivals, so that these fall on every part of a stall. */
const PERIOD_MS = 503;
const WARM_UP_SECONDS = 4;
const STEADY_SECONDS = 24;

interface Load {
  readonly rate: number;
  readonly maxVUs: number;
  readonly stallMs: number;
  /** Paths that are asked for in turn. */
  readonly paths: readonly string[];
  readonly budgets: readonly object[];
}

interface Run {
  readonly verdict: Verdict;
  readonly seconds: readonly Second[];
  readonly startEpochMs: number;
}

async function run({ rate, maxVUs, stallMs, paths, budgets }: Load): Promise<Run> {
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
            env: { URLS: paths.map((path) => `http://{{server.http}}${path}`).join(' ') },
            maxVUs,
            phases: [
              { name: 'warm-up', duration: `${WARM_UP_SECONDS}s`, rate: `${rate}/s` },
              { name: 'steady', duration: `${STEADY_SECONDS}s`, rate: `${rate}/s` },
            ],
          },
          budgets,
        },
      ],
    },
  });
  const { code, stdout, stderr } = await runCli(folder, ['run']);
  expect([0, 1, 3], `${stdout}\n${stderr}`).toContain(code);
  const read = (name: string) => readFileSync(join(folder, 'reports/out/stalls/latest', name), 'utf8');
  const { startEpochMs } = JSON.parse(read('observations.json')) as { startEpochMs: number };
  return {
    verdict: verdictSchema.parse(JSON.parse(read('verdict.json'))),
    seconds: readTimeline(read('timeline.ndjson')),
    startEpochMs,
  };
}

function at(sorted: readonly number[] | Float64Array, q: number): number {
  return sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN;
}

describe('a server that stands still for 50 ms twice a second', () => {
  const [rate, stallMs, underMs] = [394, 50, 30];
  let result: Run;
  /** How long requests wait that are sent exactly when they are due. */
  let waitsMs: readonly number[];
  /** Quantiles of what a request takes on this machine that waits for nothing: the other path, in the same load. */
  let baseMs: readonly number[];

  beforeAll(async () => {
    const budget = { kind: 'latency', operation: 'GET /stalls', phase: 'steady', under: `${underMs}ms`, atLeast: '90%' };
    result = await run({ rate, stallMs, maxVUs: 100, paths: ['/stalls', '/at-once'], budgets: [budget] });
    waitsMs = waits(result.startEpochMs);
    const control = result.seconds.flatMap(({ operations }) =>
      operations.filter(({ operation, phase }) => operation === 'GET /at-once' && phase === 'steady'),
    );
    const histogram = sumHistograms(control.map(({ succeeded }) => succeeded));
    baseMs = Array.from({ length: 400 }, (_, index) => (quantile(histogram, (index + 0.5) / 400) ?? 0) * 1_000);
  }, 90_000);

  /** k6 starts iteration i when i + 1 have come due, and every other one asks for /stalls. */
  function waits(startEpochMs: number): number[] {
    const found: number[] = [];
    const arrivals = (WARM_UP_SECONDS + STEADY_SECONDS) * rate;
    for (let index = 0; index < arrivals; index += 2) {
      const dueMs = ((index + 1) / rate) * 1_000;
      if (dueMs < WARM_UP_SECONDS * 1_000) continue;
      const intoMs = (startEpochMs + dueMs) % PERIOD_MS;
      found.push(intoMs < stallMs ? stallMs - intoMs : 0);
    }
    return found;
  }

  /**
   * The way there may fall into the wait, the way back comes on top of it: a request takes at least the wait, or the way
   * where it need not wait, and at most both. On a quiet machine these are 0.3 ms apart; on a busy one the way says so.
   */
  const least = () =>
    Float64Array.from(waitsMs, (waitMs, index) => (waitMs > 0 ? waitMs : (baseMs[index % baseMs.length] ?? 0))).toSorted();
  const most = () => Float64Array.from(waitsMs.flatMap((waitMs) => baseMs.map((ms) => waitMs + ms))).toSorted();
  const row = () => result.verdict.operations.find(({ operation, phase }) => operation === 'GET /stalls' && phase === 'steady');

  test('the oracle says something: a tenth of the requests waits, and all of them were sent', () => {
    expect(waitsMs.filter((ms) => ms > 0).length / waitsMs.length).toBeGreaterThan(0.08);
    expect(Math.abs((row()?.requests ?? 0) - waitsMs.length)).toBeLessThanOrEqual(2);
  });

  test.each([
    ['p50', 0.5],
    ['p90', 0.9],
    ['p95', 0.95],
    ['p99', 0.99],
    ['p999', 0.999],
  ] as const)('%s is the oracle’s, ± 1 ms', (name, q) => {
    const measuredMs = row()?.quantiles[name] ?? 0;
    console.log(name, measuredMs.toFixed(2), at(least(), q).toFixed(2), at(most(), q).toFixed(2), 'base', at(baseMs, q).toFixed(2));
    expect(measuredMs).toBeGreaterThan(at(least(), q) - 1);
    expect(measuredMs).toBeLessThan(at(most(), q) + 1);
  });

  test('the budget counts what the oracle counts', () => {
    const check = result.verdict.checks.find(({ kind }) => kind === 'latency');
    expect(check?.evidence['exact']).toBe(true);
    const share = Number(check?.evidence['goodLow']) / Number(check?.evidence['total']);
    const below = (sorted: Float64Array, limitMs: number) => sorted.filter((ms) => ms < limitMs).length / sorted.length;
    console.log('good', share, below(most(), underMs - 1), below(least(), underMs + 1));
    expect(share).toBeGreaterThanOrEqual(below(most(), underMs - 1));
    expect(share).toBeLessThanOrEqual(below(least(), underMs + 1));
  });
});

test('iterations that a stall left no virtual user for are bad events, each of them', async () => {
  const rate = 197;
  const budget = { kind: 'latency', under: '400ms', atLeast: '99%', minEvents: 10 };
  const budgets = ['warm-up', 'steady'].map((phase) => ({ ...budget, phase }));
  const { verdict, seconds } = await run({ rate, maxVUs: 20, stallMs: 300, paths: ['/stalls'], budgets });
  const checks = verdict.checks.filter(({ kind }) => kind === 'latency');
  const total = checks.reduce((sum, { evidence }) => sum + Number(evidence['total']), 0);
  console.log(total, rate * (WARM_UP_SECONDS + STEADY_SECONDS), checks.map((c) => [c.outcome, c.reason, JSON.stringify(c.evidence)]));
  for (const { phase, outcome, reason, evidence } of checks) {
    const dropped = seconds.filter((second) => second.phase === phase).reduce((sum, second) => sum + second.dropped, 0);
    expect(dropped).toBeGreaterThan(50);
    expect(evidence['dropped']).toBe(dropped);
    const requests = verdict.operations.find((operation) => operation.phase === phase)?.requests ?? 0;
    expect(evidence['total']).toBe(requests + dropped);
    expect(Number(evidence['goodHigh'])).toBeLessThanOrEqual(requests);
    // Red; where other processes took the machine's CPU, it would be.
    expect(outcome).not.toBe('pass');
    expect(reason).toContain('at least 99 % needed');
  }
  // Every arrival of the profile is a request or a drop.
  expect(total).toBe(rate * (WARM_UP_SECONDS + STEADY_SECONDS));
}, 90_000);
