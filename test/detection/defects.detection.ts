import { describe, expect, test } from 'vitest';
import type { Verdict } from '../../reports/model/verdict.ts';
import { runExperiment } from './run-experiment.ts';

function red(verdict: Verdict): string[] {
  return verdict.checks.filter(({ outcome }) => outcome === 'fail').map(({ title }) => title);
}

const EXPERIMENTS = [
  'peak-load',
  'engine-faults',
  'network-latency',
  'data-skew',
  'overload',
  'noisy-tenant',
  'soak',
  'spike',
  'mixed-clients',
  'pricing-comparison',
];

describe('the healthy reference system is green', () => {
  test.each(EXPERIMENTS)('%s', async (experiment) => {
    const { code, verdict, output } = await runExperiment(experiment, '');
    expect(
      verdict.checks.filter(({ outcome }) => outcome !== 'pass'),
      output,
    ).toEqual([]);
    expect(code).toBe(0);
  });
});

interface Detection {
  readonly defect: string;
  readonly experiment: string;
  /** What must be red. */
  readonly names: readonly string[];
  /** What may be red besides, since it follows from the same defect. */
  readonly also?: readonly string[];
}

const DETECTIONS: readonly Detection[] = [
  { defect: 'slow-path', experiment: 'pricing-comparison', names: ['quote p50'], also: ['CPU a request'] },
  // Two at once: each turns its own check red.
  { defect: 'slow-path,memory-leak', experiment: 'peak-load', names: ['quotes are fast', 'engine memory'] },
  {
    defect: 'cpu-creep,memory-leak',
    experiment: 'soak',
    names: ['engine: a request costs the same all the time', 'engine: memory does not grow'],
  },
  {
    defect: 'chatty',
    experiment: 'network-latency',
    names: ['20 ms away: the delay is paid once', '60 ms away: the delay is paid once'],
    also: ['20 ms away: quotes in time', '60 ms away: quotes in time'],
  },
  {
    defect: 'hot-lock',
    experiment: 'data-skew',
    names: ['hot-key: quotes as fast as with even data'],
    also: ['zipf: quotes as fast as with even data', 'sizes: quotes as fast as with even data'],
  },
  {
    defect: 'no-shedding',
    experiment: 'overload',
    names: ['overload: goodput stays', 'overload: refused in the agreed way'],
    also: ['overload: well again afterwards'],
  },
  {
    defect: 'no-quota',
    experiment: 'noisy-tenant',
    names: ['the noisy tenant gets its quota'],
    also: ['the other tenants stay as fast'],
  },
];

describe('each defect turns red what names it, and nothing else', () => {
  test.each(DETECTIONS)('$defect in $experiment', async ({ defect, experiment, names, also = [] }) => {
    const { code, verdict, output } = await runExperiment(experiment, defect);
    expect(
      red(verdict).filter((title) => !also.includes(title)),
      output,
    ).toEqual(names);
    expect(code).toBe(1);
  });
});
