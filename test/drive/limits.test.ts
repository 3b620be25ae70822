import { expect, test } from 'vitest';
import { latencyLimits } from '../../lib/drive/limits.ts';
import { budgetSchema } from '../../lib/plan/schema/budgets.ts';
import { drillSchema } from '../../lib/plan/schema/drills.ts';

const limitsOf = (budgets: readonly object[], drills: readonly object[] = []) =>
  latencyLimits({
    budgets: budgets.map((budget) => budgetSchema.parse(budget)),
    drills: drills.map((drill) => ({ ...drillSchema.parse(drill), name: 'drill', steps: [] })),
  });

test('budgets that count good events give their limits, each once', () => {
  const latency = { kind: 'latency', operation: 'quote', under: '50ms', atLeast: '99%' };
  expect(
    limitsOf([
      { ...latency, phase: 'steady' },
      { ...latency, phase: 'peak', atLeast: '95%' },
      { ...latency, phase: 'steady', protocol: 'grpc' },
      { kind: 'goodput', phase: 'overload', against: 'steady', under: '200ms' },
      { kind: 'recovery', after: 'overload', operation: 'quote', within: '5s', under: '50ms', atLeast: '99%' },
      { kind: 'latency-rise', phase: 'peak', against: 'steady' },
      { kind: 'errors', phase: 'steady', atMost: '1%' },
    ]),
  ).toEqual([
    { operation: 'quote', underMs: 50 },
    { operation: 'quote', protocol: 'grpc', underMs: 50 },
    { operation: '*', underMs: 200 },
  ]);
});

test('so do drills that ask how fast a request must end', () => {
  const on = [{ edge: 'shop-stock', operation: 'quote' }];
  const timeout = { kind: 'timeout', on: [{ ...on[0], protocol: 'grpc' }], deadline: '1s', slack: '100ms' };
  expect(
    limitsOf(
      [{ kind: 'latency', operation: 'quote', phase: 'steady', under: '10ms', atLeast: '99%' }],
      [
        { kind: 'circuit-breaker', on, threshold: 5, openTime: '1s', callTimeout: '1s' },
        { kind: 'circuit-breaker', on, threshold: 5, openTime: '1s', callTimeout: '1s', failFast: '20ms' },
        timeout,
        { kind: 'retry', on },
      ],
    ),
  ).toEqual([
    { operation: 'quote', underMs: 10 },
    { operation: 'quote', underMs: 20 },
    { operation: 'quote', protocol: 'grpc', underMs: 1_100 },
  ]);
});
