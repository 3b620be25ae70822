import { describe, expect, test } from 'vitest';
import { judgeCpu } from '../../lib/judge/cpu.ts';
import { judgeMemory } from '../../lib/judge/memory.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { budget, second } from './builders.ts';

const MIB = 1024 ** 2;
const CPU = budget({ kind: 'cpu', service: 'engine', phase: 'steady', atMost: '0.5 cores' });
const MEMORY = budget({ kind: 'memory', service: 'engine', phase: 'steady', atMost: '64MiB' });

function samples(figures: readonly number[], parts: Partial<Second> = {}): Second[] {
  return figures.map((figure, t) =>
    second({
      t,
      ...parts,
      resources: [{ source: 'engine', role: 'service', cpuCores: figure, rssBytes: figure * MIB }],
    }),
  );
}

describe('judgeCpu', () => {
  test.each([
    ['below', samples([0.2, 0.9, 0.3]), 'pass', /^0\.47 cores on average over 3 seconds$/],
    ['exactly', samples([0.5, 0.5, 0.5]), 'pass', /^0\.5 cores/],
    [
      'above',
      samples([0.5, 0.5, 0.503]),
      'fail',
      /^0\.501 cores on average over 3 seconds; at most 0\.5 cores allowed$/,
    ],
    ['two samples', samples([0.1, 0.1]), 'inconclusive', /^2 samples of engine, at least 3 needed$/],
    ['another phase', samples([0.1, 0.1, 0.1], { phase: 'fault' }), 'inconclusive', /^0 samples/],
    ['not a number', samples([0.1, Number.NaN, 0.1]), 'inconclusive', /not numbers/],
  ])('%s', (_, seconds, outcome, reason) => {
    const check = judgeCpu('id', CPU, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });

  test('is of the service, not of something else with its name', () => {
    const seconds = samples([0.1, 0.1, 0.1]).map((same) => ({
      ...same,
      resources: same.resources.map((resource) => ({ ...resource, role: 'proxy' as const })),
    }));
    expect(judgeCpu('id', CPU, seconds).outcome).toBe('inconclusive');
  });
});

describe('judgeMemory', () => {
  test.each([
    ['below', samples([10, 64, 10]), 'pass', /^64 MiB at most over 3 seconds$/],
    ['one peak', samples([10, 64.01, 10]), 'fail', /^64\.01 MiB at most over 3 seconds; 64 MiB allowed$/],
    ['two samples', samples([90, 90]), 'inconclusive', /^2 samples/],
    ['no figure', samples([0, 0, 0]), 'inconclusive', /no memory figure/],
  ])('%s', (_, seconds, outcome, reason) => {
    const check = judgeMemory('id', MEMORY, seconds);
    expect(check.reason).toMatch(reason);
    expect(check.outcome).toBe(outcome);
  });
});
