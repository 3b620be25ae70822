import { describe, expect, test } from 'vitest';
import { nameBudgets } from '../../lib/judge/budgets.ts';
import { budgets } from './builders.ts';

const LATENCY = { kind: 'latency', operation: 'quote', phase: 'steady', under: '100ms', atLeast: '95%' };

describe('nameBudgets', () => {
  test('names what each is about', () => {
    const named = nameBudgets(
      budgets(
        LATENCY,
        { ...LATENCY, protocol: 'grpc' },
        { kind: 'errors', phase: 'steady', atMost: '1%' },
        { kind: 'throughput', phase: 'steady' },
        { kind: 'memory', service: 'engine', phase: 'steady', atMost: '1GiB' },
        { kind: 'recovery', operation: 'quote', after: 'cut', within: '3s', under: '1s', atLeast: '9%' },
        { kind: 'latency-rise', operation: 'quote', phase: 'zipf', against: 'steady' },
        { kind: 'goodput', protocol: 'http', phase: 'overload', against: 'steady', under: '1s' },
        { kind: 'rejections', phase: 'overload' },
        { kind: 'quota', operation: 'noisy', phase: 'overload', rate: '2/s' },
        { kind: 'cpu-per-request', service: 'engine', phase: 'steady', drift: '5%' },
        { kind: 'memory-growth', service: 'engine', phase: 'steady' },
      ),
    );
    expect(named.map(({ id }) => id)).toEqual([
      'latency:quote:steady',
      'latency:quote:grpc:steady',
      'errors:*:steady',
      'throughput:steady',
      'memory:engine:steady',
      'recovery:quote:cut',
      'latency-rise:quote:zipf',
      'goodput:*:http:overload',
      'rejections:*:overload',
      'quota:noisy:overload',
      'cpu-per-request:engine:steady',
      'memory-growth:engine:steady',
    ]);
  });

  test('stays unique, also beside a phase whose name looks like a number', () => {
    const list = budgets(LATENCY, LATENCY, { ...LATENCY, phase: 'steady-2' }, LATENCY);
    expect(nameBudgets(list).map(({ id }) => id)).toEqual([
      'latency:quote:steady',
      'latency:quote:steady-3',
      'latency:quote:steady-2',
      'latency:quote:steady-4',
    ]);
  });
});
