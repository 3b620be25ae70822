import { describe, expect, test } from 'vitest';
import type { Histogram } from '../../lib/observe/observations.ts';
import type { PushedSeries } from '../../lib/observe/remote-write.ts';
import { followSeries } from '../../lib/observe/series.ts';
import { histogramOf } from './arbitraries.ts';

function histogramSeries(labels: Record<string, string>, histogram: Histogram): PushedSeries {
  const map = new Map(Object.entries(labels));
  return { name: map.get('__name__') ?? '', labels: map, value: undefined, histogram: () => histogram };
}

function counterSeries(labels: Record<string, string>, value: number): PushedSeries {
  const map = new Map(Object.entries(labels));
  return { name: map.get('__name__') ?? '', labels: map, value, histogram: undefined };
}

const DURATION = 'k6_http_req_duration_seconds';
const http = {
  __name__: DURATION,
  scenario: 'load',
  name: 'quote',
  phase: 'steady',
  method: 'POST',
};
const grpc = {
  __name__: 'k6_grpc_req_duration_seconds',
  scenario: 'load',
  name: 'quote',
  phase: 'steady',
  method: 'Quote',
};
const h = histogramOf([0.1]);

describe('what a series means', () => {
  test.each([
    ['an expected response', { ...http, expected_response: 'true', status: '200' }, 'http', 'succeeded'],
    ['an unexpected response', { ...http, expected_response: 'false', status: '500' }, 'http', 'failed'],
    ['no response', { ...http, expected_response: 'false', status: '0', error_code: '1212' }, 'http', 'failed'],
    ['gRPC status OK', { ...grpc, status: '0' }, 'grpc', 'succeeded'],
    ['HTTP 429', { ...http, expected_response: 'false', status: '429' }, 'http', 'rejected'],
    ['HTTP 429 where it was expected', { ...http, expected_response: 'true', status: '429' }, 'http', 'succeeded'],
    ['gRPC status UNAVAILABLE', { ...grpc, status: '14' }, 'grpc', 'failed'],
    ['gRPC status RESOURCE_EXHAUSTED', { ...grpc, status: '8' }, 'grpc', 'rejected'],
    ['gRPC without a status', grpc, 'grpc', 'failed'],
  ])('%s', (_, labels, protocol, outcome) => {
    expect(followSeries()([histogramSeries(labels, h)])).toEqual([
      { kind: 'requests', operation: 'quote', protocol, phase: 'steady', outcome, counted: false, durations: h },
    ]);
  });

  test('a response that the scenario has measured itself is taken, and k6’s own figure of it is not', () => {
    const response = {
      __name__: 'k6_cutover_response',
      scenario: 'load',
      name: 'quote',
      phase: 'steady',
      proto: 'http',
    };
    const powers = histogramOf([0.1 ** 8]);
    const push = [
      histogramSeries({ ...http, expected_response: 'true', measured: 'response' }, h),
      histogramSeries({ ...response, outcome: 'ok' }, powers),
    ];
    const [increment, ...more] = followSeries()(push);
    expect(more).toEqual([]);
    expect(increment).toMatchObject({ kind: 'requests', protocol: 'http', outcome: 'succeeded', counted: true });
    expect(increment).toHaveProperty('durations.schema', 6);
    expect(followSeries()([histogramSeries({ ...response, outcome: 'rejected' }, powers)])[0]).toMatchObject({
      outcome: 'rejected',
    });
  });

  test('of gRPC calls that the scenario has counted, those that fail are the scenario’s and the others k6’s', () => {
    const failed = { ...grpc, __name__: 'k6_cutover_response', proto: 'grpc', outcome: 'failed' };
    const push = [
      histogramSeries({ ...grpc, measured: 'counted', status: '0' }, histogramOf([0.1, 0.2])),
      histogramSeries({ ...grpc, measured: 'counted', status: '14' }, h),
      // A time-out of the client's, which k6 has no duration of.
      histogramSeries(failed, histogramOf([0.1 ** 8, 1])),
    ];
    const requests = { kind: 'requests', operation: 'quote', protocol: 'grpc', counted: true };
    expect(followSeries()(push)).toMatchObject([
      { ...requests, outcome: 'succeeded', durations: { count: 2 } },
      { ...requests, outcome: 'failed', durations: { count: 2 } },
    ]);
  });

  test('good events by limit', () => {
    const labels = { scenario: 'load', name: 'quote', phase: 'steady', proto: 'grpc', under: '50' };
    const push = [
      counterSeries({ __name__: 'k6_cutover_good_total', ...labels }, 7),
      counterSeries({ __name__: 'k6_cutover_maybe_total', ...labels }, 1),
      counterSeries({ __name__: 'k6_cutover_good_total', ...labels, under: 'soon' }, 9),
    ];
    const good = { kind: 'good', operation: 'quote', protocol: 'grpc', phase: 'steady', underMs: 50 };
    expect(followSeries()(push)).toEqual([
      { ...good, surely: true, count: 7 },
      { ...good, surely: false, count: 1 },
    ]);
  });

  test('iterations, dropped ones and exceptions', () => {
    const push = [
      histogramSeries({ __name__: 'k6_iteration_duration_seconds', scenario: 'load', phase: 'steady' }, h),
      counterSeries({ __name__: 'k6_dropped_iterations_total', scenario: 'load' }, 4),
      counterSeries({ __name__: 'k6_cutover_exceptions_total', scenario: 'load', phase: 'steady' }, 2),
    ];
    expect(followSeries()(push)).toEqual([
      { kind: 'iterations', durations: h },
      { kind: 'dropped', count: 4 },
      { kind: 'exceptions', count: 2 },
    ]);
  });

  test.each([
    ["setup's requests", { __name__: DURATION, name: 'login', group: '::setup', expected_response: 'true' }],
    ["teardown's requests", { __name__: DURATION, name: 'login', group: '::teardown', expected_response: 'true' }],
    ['other durations', { ...http, __name__: 'k6_http_req_waiting_seconds' }],
  ])('%s do not count', (_, labels) => {
    expect(followSeries()([histogramSeries(labels, h)])).toEqual([]);
  });

  test('an operation without a name is called by its method', () => {
    const { name: _, ...unnamed } = grpc;
    expect(followSeries()([histogramSeries(unnamed, h)])).toMatchObject([{ operation: 'Quote' }]);
  });
});

describe('only what is new counts', () => {
  test('in histograms, each series on its own', () => {
    const follow = followSeries();
    const other = { ...http, phase: 'fault' };
    follow([histogramSeries(http, histogramOf([0.1, 0.2]))]);
    const second = follow([
      histogramSeries(http, histogramOf([0.1, 0.2, 0.3])),
      histogramSeries(other, histogramOf([0.5])),
    ]);
    expect(second).toMatchObject([
      { phase: 'steady', durations: { count: 1, buckets: histogramOf([0.3]).buckets } },
      { phase: 'fault', durations: { count: 1 } },
    ]);
    expect(follow([histogramSeries(http, histogramOf([0.1, 0.2, 0.3]))])).toEqual([]);
  });

  test('in counters, also after a reset, and never by a marker that ends the series', () => {
    const labels = { __name__: 'k6_dropped_iterations_total', scenario: 'load' };
    const follow = followSeries();
    const counts = [3, 3, 10, Number.NaN, 12, 2].map((value) => follow([counterSeries(labels, value)]));
    expect(counts.map(([increment]) => (increment?.kind === 'dropped' ? increment.count : 0))).toEqual([
      3, 0, 7, 0, 2, 2,
    ]);
  });
});
