import type { Compared, ComparisonResult } from '../../reports/model/verdict.ts';
import { noise } from './series.ts';

/** Sixteen blocks of each in the order ABBA: one row an outcome, one without enough data, one of shares. */
export function comparison(phase: string, startMs: number): ComparisonResult {
  const rows: readonly Omit<Compared, 'blocks'>[] = [
    {
      title: 'quote p95',
      unit: 'ms',
      checkId: 'comparison:1:quote-p95',
      outcome: 'pass',
      baseline: 6.21,
      candidate: 6.08,
      effect: 'ratio',
      estimate: 0.979,
      lower: 0.957,
      upper: 1.002,
      limit: 1.1,
      higherIsBetter: false,
      noise: 0.034,
      detectable: 0.051,
    },
    {
      title: 'CPU a request',
      unit: 'cpu-ms',
      checkId: 'comparison:2:cpu-a-request',
      outcome: 'fail',
      baseline: 1.42,
      candidate: 1.68,
      effect: 'ratio',
      estimate: 1.181,
      lower: 1.152,
      upper: 1.213,
      limit: 1.1,
      higherIsBetter: false,
      noise: 0.021,
      detectable: 0.031,
    },
    {
      title: 'throughput',
      unit: 'per-second',
      checkId: 'comparison:3:throughput',
      outcome: 'inconclusive',
      baseline: 149.8,
      candidate: 149.1,
      effect: 'ratio',
      estimate: 0.995,
      lower: 0.986,
      upper: 1.003,
      limit: 0.99,
      higherIsBetter: true,
      noise: 0.009,
      detectable: 0.013,
    },
    {
      title: 'errors of all operations',
      unit: 'ratio',
      checkId: 'comparison:4:errors-of-all-operations',
      outcome: 'pass',
      baseline: 0,
      candidate: 0,
      effect: 'difference',
      estimate: 0,
      lower: 0,
      upper: 0,
      limit: 0.001,
      higherIsBetter: false,
      noise: 0,
      detectable: 0,
    },
    {
      title: 'memory (engine)',
      unit: 'bytes',
      checkId: 'comparison:5:memory-engine-',
      outcome: 'inconclusive',
      baseline: 24 * 1024 ** 2,
      effect: 'ratio',
      limit: 1.1,
      higherIsBetter: false,
    },
  ];
  const random = noise(23);
  return {
    phase,
    blocksPerVariant: 16,
    blockMs: 5_000,
    settleMs: 1_000,
    baseline: 'pricing off',
    candidate: 'pricing full',
    sameOnPurpose: false,
    confidence: 0.99,
    rows: rows.map((row) => ({
      ...row,
      blocks: Array.from({ length: 32 }, (_, index) => {
        const variant = index % 4 === 0 || index % 4 === 3 ? 'baseline' : 'candidate';
        const middle = row[variant];
        const value = middle === undefined ? null : middle * (1 + (row.noise ?? 0.02) * (2 * random() - 1) * 1.7);
        return { variant, startMs: startMs + index * 5_000 + 1_000, value };
      }),
    })),
  };
}
