import { expect, test } from 'vitest';
import { latencyLimits } from '../../lib/drive/limits.ts';
import { budgetSchema } from '../../lib/plan/schema/budgets.ts';

const limitsOf = (...budgets: readonly object[]) =>
  latencyLimits({ budgets: budgets.map((budget) => budgetSchema.parse(budget)) });

test('budgets that count good events give their limits, each once', () => {
  const latency = { kind: 'latency', operation: 'quote', under: '50ms', atLeast: '99%' };
  expect(
    limitsOf(
      { ...latency, phase: 'steady' },
      { ...latency, phase: 'peak', atLeast: '95%' },
      { ...latency, phase: 'steady', protocol: 'grpc' },
      { kind: 'goodput', phase: 'overload', against: 'steady', under: '200ms' },
      { kind: 'recovery', after: 'overload', operation: 'quote', within: '5s', under: '50ms', atLeast: '99%' },
      { kind: 'latency-rise', phase: 'peak', against: 'steady' },
      { kind: 'errors', phase: 'steady', atMost: '1%' },
    ),
  ).toEqual([
    { operation: 'quote', underMs: 50 },
    { operation: 'quote', protocol: 'grpc', underMs: 50 },
    { operation: '*', underMs: 200 },
  ]);
});
