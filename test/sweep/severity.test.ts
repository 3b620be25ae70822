import { describe, expect, test } from 'vitest';
import { judgeCpu } from '../../lib/judge/cpu.ts';
import { judgeErrors } from '../../lib/judge/errors.ts';
import { judgeLatency } from '../../lib/judge/latency.ts';
import { judgeMemory } from '../../lib/judge/memory.ts';
import { judgeThroughput } from '../../lib/judge/throughput.ts';
import { brokenBudget, severityOf } from '../../lib/sweep/severity.ts';
import { budget, operation, second, times } from '../judge/builders.ts';

/** Ten seconds of the phase "fault". */
const seconds = (parts: Parameters<typeof second>[0]) =>
  Array.from({ length: 10 }, (_, t) => second({ t, phase: 'fault', ...parts }));
const requests = (okMs: readonly number[], failedMs: readonly number[] = []) =>
  seconds({ operations: [operation({ phase: 'fault', okMs, failedMs })] });

// What the checks put into their evidence is what severity is read from: both are the real ones.
describe('how far over its limit', () => {
  const latency = budget({ kind: 'latency', name: 'quotes are fast', phase: 'fault', under: '50ms', atLeast: '99%' });

  test('a latency budget: its p99', () => {
    const broken = brokenBudget(judgeLatency('id', latency, requests(times(100, 200))));
    // Quantiles are interpolated in a bucket that is 9 % wide.
    const factor = broken.factor ?? 0;
    expect(broken.told).toBe(`p99 ${Math.round(factor * 50)} ms of 50 ms`);
    expect(Math.abs(factor / 4 - 1)).toBeLessThan(0.1);
  });

  test('a latency budget whose requests failed fast: the share', () => {
    const broken = brokenBudget(judgeLatency('id', latency, requests(times(90, 5), times(10, 1))));
    expect(broken).toMatchObject({ told: '10 % of 1 % failed or slow', factor: expect.closeTo(10, 6) });
  });

  test('an errors budget', () => {
    const errors = budget({ kind: 'errors', phase: 'fault', atMost: '2%' });
    const broken = brokenBudget(judgeErrors('id', errors, requests(times(95, 5), times(5, 5))));
    expect(broken).toMatchObject({ told: '5 % of 2 % failed', factor: expect.closeTo(2.5, 6) });
  });

  test('an errors budget that allows none: over it, but by no figure', () => {
    const errors = budget({ kind: 'errors', phase: 'fault', atMost: '0%' });
    expect(brokenBudget(judgeErrors('id', errors, requests(times(95, 5), times(5, 5))))).not.toHaveProperty('factor');
  });

  test('a throughput budget: what was wanted ÷ what was done', () => {
    const throughput = budget({ kind: 'throughput', phase: 'fault', atLeast: '90%' });
    const check = judgeThroughput('id', throughput, seconds({ offered: 100, iterations: 45, dropped: 55 }));
    expect(brokenBudget(check)).toMatchObject({ told: '45 % of 90 % completed', factor: expect.closeTo(2, 6) });
  });

  test('CPU and memory', () => {
    const used = seconds({
      resources: [{ source: 'engine', role: 'service', cpuCores: 1.5, rssBytes: 96 * 1024 ** 2 }],
    });
    const cpu = budget({ kind: 'cpu', service: 'engine', phase: 'fault', atMost: '0.5 cores' });
    const memory = budget({ kind: 'memory', service: 'engine', phase: 'fault', atMost: '64MiB' });
    expect(brokenBudget(judgeCpu('id', cpu, used))).toMatchObject({ told: '1.5 cores of 0.5 cores', factor: 3 });
    expect(brokenBudget(judgeMemory('id', memory, used))).toMatchObject({ told: '96 MiB of 64 MiB', factor: 1.5 });
  });

  test('anything else: in its own words', () => {
    const check = judgeErrors('id', budget({ kind: 'errors', phase: 'fault', atMost: '0%' }), []);
    const other = brokenBudget({ ...check, kind: 'integrity', measured: '1 incident', limit: 'no incident' });
    expect(other).toMatchObject({ told: '1 incident, limit no incident' });
    expect(other).not.toHaveProperty('factor');
  });
});

test('a cell is as severe as its worst budget', () => {
  const told = { title: '', limit: '', measured: '', reason: '', told: '' };
  expect(severityOf([{ ...told, factor: 2 }, told, { ...told, factor: 7 }])).toBe(7);
  expect(severityOf([told])).toBeUndefined();
});
