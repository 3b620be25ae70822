import { describe, expect, test } from 'vitest';
import { burnRules } from '../../lib/alerts/burn-rules.ts';
import { slosOf } from '../../lib/alerts/slo.ts';
import { type BurnMetrics, burnMetricsSchema } from '../../lib/plan/schema/alerts.ts';
import { budgets } from '../judge/builders.ts';

const METRICS = burnMetricsSchema.parse({ requests: 'hits_total', codeLabel: 'status', badCodes: '5..' });

function rulesOf(inputs: readonly object[], metrics: BurnMetrics = METRICS) {
  return burnRules(slosOf(budgets(...inputs), 'steady', metrics));
}

describe('an errors budget', () => {
  const [group] = rulesOf([{ kind: 'errors', phase: 'steady', atMost: '0.1%' }]);

  test('has a ratio for each window, and an alert for each burn rate of the workbook', () => {
    expect(group?.rules.map(({ record, alert }) => record ?? alert)).toEqual([
      'slo:bad_events:ratio_rate5m',
      'slo:bad_events:ratio_rate30m',
      'slo:bad_events:ratio_rate1h',
      'slo:bad_events:ratio_rate6h',
      'slo:bad_events:ratio_rate3d',
      'ErrorBudgetBurn',
      'ErrorBudgetBurn',
      'ErrorBudgetBurn',
    ]);
  });

  test('counts bad codes against all', () => {
    expect(group?.rules[0]?.expr).toBe('sum(rate(hits_total{status=~"5.."}[5m]))\n/\nsum(rate(hits_total[5m]))');
  });

  test('fires where both windows burn', () => {
    const [fast] = group?.rules.filter(({ alert }) => alert !== undefined) ?? [];
    expect(fast?.expr).toBe(
      'slo:bad_events:ratio_rate1h{slo="errors"} > (14.4 * 0.001)\nand\nslo:bad_events:ratio_rate5m{slo="errors"} > (14.4 * 0.001)',
    );
    expect(fast?.labels).toEqual({ severity: 'page', long: '1h', short: '5m' });
  });
});

test('a latency budget counts those over the bucket of its limit, of its operation and protocol', () => {
  const scope = { operation: 'order-place', protocol: 'grpc', phase: 'steady', atLeast: '99%' };
  const [short, whole] = rulesOf([
    { kind: 'latency', ...scope, under: '250ms' },
    { kind: 'latency', ...scope, under: '1s' },
  ]);
  expect(short?.name).toBe('slo-latency-order-place-grpc-250ms');
  expect(short?.rules.at(-1)?.alert).toBe('OrderPlaceGrpcLatencyBudgetBurn');
  expect(short?.rules[0]?.expr).toBe(
    '1 - sum(rate(request_duration_seconds_bucket{operation="order-place",protocol="grpc",le="0.25"}[5m]))\n/\n' +
      'sum(rate(request_duration_seconds_count{operation="order-place",protocol="grpc"}[5m]))',
  );
  expect(whole?.rules[0]?.expr).toContain('le=~"1|1[.]0"');
});

test('a burn rate that would take more than every request is left out', () => {
  const [group] = rulesOf([{ kind: 'errors', phase: 'steady', atMost: '10%' }]);
  const factors = group?.rules.flatMap(({ alert, expr }) => (alert === undefined ? [] : /\((\S+) \*/.exec(expr)?.[1]));
  expect(factors).toEqual(['6', '1']);
});

test('of two budgets on the same thing the stricter one counts, and only those of the steady phase', () => {
  const slos = slosOf(
    budgets(
      { kind: 'errors', phase: 'steady', atMost: '1%' },
      { kind: 'errors', phase: 'steady', atMost: '0.5%' },
      { kind: 'errors', phase: 'recovery', atMost: '0.1%' },
      { kind: 'throughput', phase: 'steady' },
    ),
    'steady',
    METRICS,
  );
  expect(slos.map(({ id, allowed }) => [id, allowed])).toEqual([['errors', 0.005]]);
});
