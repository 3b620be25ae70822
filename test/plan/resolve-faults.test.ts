import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { findConflicts } from '../../chaos/conflicts.ts';
import { derivedSeed } from '../../chaos/seeded.ts';
import { planOf, problemsOf } from './loading.ts';

const AT = { at: '8s', for: '1s' };
const times = { startMs: 8_000, endMs: 9_000 };
const http = { edge: 'shop-stock', ...AT };
const grpc = { edge: 'shop-prices', ...AT };
const tcp = { edge: 'shop-mail', ...AT };
const stream = { direction: 'replies', connections: 1 };
const seed = (name: string) => derivedSeed(1, `fault ${name}`);

describe('a fault becomes data with its times and units worked out', () => {
  test.each<[object, object]>([
    [
      { kind: 'latency', ...http, latency: '300ms', jitter: '20ms', direction: 'requests', connections: '25%' },
      { edge: 'shop-stock', direction: 'requests', connections: 0.25, latencyMs: 300, jitterMs: 20 },
    ],
    [
      { kind: 'latency', ...grpc, latency: { from: '2s', to: '10ms' } },
      { edge: 'shop-prices', ...stream, latencyMs: 2_000, ramp: { from: 2_000, to: 10 }, jitterMs: 0 },
    ],
    [
      { kind: 'bandwidth', ...tcp, rate: '100kB' },
      { edge: 'shop-mail', ...stream, bytesPerSecond: 100_000 },
    ],
    [
      { kind: 'bandwidth', ...http, rate: { from: '1MB', to: '1kB' } },
      { edge: 'shop-stock', ...stream, bytesPerSecond: 1_000, ramp: { from: 1_000_000, to: 1_000 } },
    ],
    [
      { kind: 'slow-close', ...http, delay: '1s' },
      { edge: 'shop-stock', ...stream, delayMs: 1_000 },
    ],
    [
      { kind: 'timeout', ...http },
      { edge: 'shop-stock', ...stream, closeAfterMs: 0 },
    ],
    [
      { kind: 'reset', ...http, after: '50ms' },
      { edge: 'shop-stock', ...stream, afterMs: 50 },
    ],
    [
      { kind: 'slicer', ...http, average: '64B', variation: '63B', delay: '2ms' },
      { edge: 'shop-stock', ...stream, averageBytes: 64, variationBytes: 63, delayMs: 2 },
    ],
    [
      { kind: 'limit-data', ...http, bytes: '1KiB' },
      { edge: 'shop-stock', ...stream, bytes: 1_024 },
    ],
    [{ kind: 'down', ...http }, { edge: 'shop-stock' }],
    [
      { kind: 'flapping', ...http, down: '200ms', up: '300ms' },
      { edge: 'shop-stock', downMs: 200, upMs: 300 },
    ],
    [
      { kind: 'request-fail', ...http, with: 503, first: 3 },
      { edge: 'shop-stock', first: 3, status: 503, seed: seed('request-fail-shop-stock') },
    ],
    [
      { kind: 'request-fail', ...grpc, with: 'UNAVAILABLE', pattern: { count: 4, of: 20 } },
      {
        edge: 'shop-prices',
        pattern: { count: 4, of: 20 },
        status: 14,
        seed: seed('request-fail-shop-prices'),
      },
    ],
    [
      { kind: 'request-delay', ...http, delay: '5ms', jitter: '1ms', share: '10%', operations: ['POST /a', 'GET /*'] },
      {
        edge: 'shop-stock',
        operations: ['POST /a', 'GET /*'],
        share: 0.1,
        delayMs: 5,
        jitterMs: 1,
        seed: seed('request-delay-shop-stock'),
      },
    ],
    // All of them need no draw.
    [
      { kind: 'request-hang', ...http, share: '100%' },
      { edge: 'shop-stock', seed: seed('request-hang-shop-stock') },
    ],
    [
      { kind: 'request-cut', ...grpc },
      { edge: 'shop-prices', seed: seed('request-cut-shop-prices') },
    ],
    [{ kind: 'kill', service: 'stock', ...AT }, { service: 'stock' }],
    [{ kind: 'terminate', service: 'stock', ...AT }, { service: 'stock' }],
    [{ kind: 'restart', service: 'stock', ...AT }, { service: 'stock' }],
    [{ kind: 'pause', service: 'stock', ...AT }, { service: 'stock' }],
    [
      { kind: 'cpu-pressure', service: 'stock', ...AT, cores: '0.5 cores' },
      { service: 'stock', cores: 0.5 },
    ],
    [
      { kind: 'cpu-pressure', service: 'stock', ...AT, cores: { from: '2 cores', to: '0.1 cores' } },
      { service: 'stock', cores: 0.1, ramp: { from: 2, to: 0.1 } },
    ],
    [
      { kind: 'memory-pressure', service: 'stock', ...AT, limit: '64MiB' },
      { service: 'stock', limitBytes: 67_108_864 },
    ],
    [
      { kind: 'disk-full', service: 'stock', ...AT },
      { service: 'stock', sizeBytes: 67_108_864, leaveBytes: 0 },
    ],
  ])('%j', async (input, attributes) => {
    const { kind, edge, service } = input as { kind: string; edge?: string; service?: string };
    const { faults } = await planOf({ faults: [input] });
    expect(faults).toEqual([{ name: `${kind}-${edge ?? service}`, kind, ...times, ...attributes }]);
  });

  test('by its phase', async () => {
    const { faults } = await planOf({ faults: [{ kind: 'down', edge: 'shop-stock', during: 'broken', name: 'cut' }] });
    expect(faults).toEqual([{ name: 'cut', kind: 'down', edge: 'shop-stock', startMs: 7_000, endMs: 12_000 }]);
  });
});

const latency = { kind: 'latency', ...http, latency: '1s' };
const hang = { kind: 'request-hang', ...http };
const repeat = (changes: object) => ({
  kind: 'down',
  edge: 'shop-stock',
  at: '8s',
  for: '1s',
  repeat: { times: 2, every: '2s', ...changes },
});

describe('a fault that cannot be is refused, by path, value and hint', () => {
  test.each<[string, object | readonly object[], object]>([
    // What it is on.
    [
      'an edge that there is not',
      { ...latency, edge: 'shop-stok' },
      { path: 'faults[0].edge', value: 'shop-stok', message: 'unknown edge', hint: 'did you mean "shop-stock"?' },
    ],
    [
      'a name that would be another path of an API',
      { ...latency, edge: 'a/b?c%20#d' },
      {
        path: 'faults[0].edge',
        value: 'a/b?c%20#d',
        message: 'must be lower-case letters, digits and dashes, at most 63',
      },
    ],
    [
      'a name of its own that would be',
      { ...latency, name: '..' },
      { path: 'faults[0].name', value: '..', message: 'must be lower-case letters, digits and dashes, at most 63' },
    ],
    [
      'a service that there is not',
      { kind: 'kill', service: 'stok', ...AT },
      { path: 'faults[0].service', value: 'stok', message: 'unknown service', hint: 'did you mean "stock"?' },
    ],
    [
      'a service that runs already',
      { kind: 'pause', service: 'shop', ...AT },
      {
        path: 'faults[0].service',
        value: 'shop',
        message: 'runs already: its processes are out of reach',
        hint: 'give the service a `process`, or use a fault on an edge to it',
      },
    ],
    [
      'a full disk of a service without data',
      { kind: 'disk-full', service: 'mail', ...AT },
      {
        path: 'faults[0].service',
        value: 'mail',
        message: 'has no data folder that could be filled',
        hint: 'use {{data}} in its command or its environment for where it stores things',
      },
    ],
    // When.
    [
      'a phase and a time',
      { kind: 'down', ...http, during: 'broken' },
      {
        path: 'faults[0].during',
        value: 'broken',
        message: 'cannot be together with `at` and `for`',
        hint: 'use one of the two',
      },
    ],
    [
      'a phase that there is not',
      { kind: 'down', edge: 'shop-stock', during: 'brokn' },
      { path: 'faults[0].during', value: 'brokn', message: 'unknown phase', hint: 'did you mean "broken"?' },
    ],
    [
      'no time',
      { kind: 'down', edge: 'shop-stock', at: '8s' },
      { path: 'faults[0]', message: 'must say when', hint: 'either `during: "<phase>"`, or `at` and `for`' },
    ],
    [
      'an end after that of the load',
      { kind: 'down', edge: 'shop-stock', at: '14s', for: '2s' },
      { path: 'faults[0].for', value: 2_000, message: 'ends after the load does (15s)', hint: 'add a recovery phase' },
    ],
    [
      'repeats of a phase',
      { kind: 'down', edge: 'shop-stock', during: 'broken', repeat: { times: 2, every: '10s' } },
      {
        path: 'faults[0].repeat',
        value: { times: 2, every: 10_000, spread: 0 },
        message: 'cannot be together with `during`',
        hint: 'use `at` and `for`',
      },
    ],
    [
      'repeats that could overlap',
      repeat({ every: '1500ms', spread: '501ms' }),
      {
        path: 'faults[0].repeat',
        value: { times: 2, every: 1_500, spread: 501 },
        message: 'one would begin before the one before it has ended',
        hint: '`every` must be at least 1.501s',
      },
    ],
    [
      'repeats that go on after the load',
      repeat({ times: 5 }),
      { path: 'faults[0].for', value: 1_000, message: 'ends after the load does (15s)', hint: 'add a recovery phase' },
    ],
    [
      'a name twice',
      [
        { ...hang, name: 'x' },
        { kind: 'down', edge: 'shop-mail', ...AT, name: 'x' },
      ],
      { path: 'faults[1].name', value: 'x', message: 'is used twice', hint: 'give each fault its own `name`' },
    ],
    [
      'a name that a repeat has',
      [
        { ...repeat({}), name: 'x' },
        { kind: 'down', edge: 'shop-mail', ...AT, name: 'x-2' },
      ],
      { path: 'faults[1].name', value: 'x-2', message: 'is used twice', hint: 'give each fault its own `name`' },
    ],
    // Its attributes.
    [
      'no delay',
      { ...latency, latency: '0s' },
      { path: 'faults[0].latency', value: 0, message: 'must be longer than 0' },
    ],
    [
      'no delay at either end',
      { ...latency, latency: { from: '0s', to: '0ms' } },
      { path: 'faults[0].latency', value: { from: 0, to: 0 }, message: 'must be longer than 0' },
    ],
    [
      'less bandwidth than can be set',
      { kind: 'bandwidth', ...http, rate: { from: '1MB', to: '999B' } },
      {
        path: 'faults[0].rate',
        value: { from: 1_000_000, to: 999 },
        message: 'must be at least 1kB',
        hint: 'Toxiproxy counts in whole kB a second',
      },
    ],
    [
      'a failure in no spelling',
      { kind: 'request-fail', ...grpc, with: 'unavailable' },
      {
        path: 'faults[0].with',
        value: 'unavailable',
        message: 'must be an HTTP status of 400–599, or a gRPC code such as "UNAVAILABLE"',
      },
    ],
    [
      'a slicer of no bytes, which ends Toxiproxy',
      { kind: 'slicer', ...http, average: '0B' },
      { path: 'faults[0].average', value: '0B', message: 'must be more than 0B' },
    ],
    [
      'a slicer that varies by its average, which ends Toxiproxy',
      { kind: 'slicer', ...http, average: '10B', variation: '10B' },
      { path: 'faults[0].variation', value: 10, message: 'must be less than the average (10 bytes)' },
    ],
    [
      'no connection at all',
      { ...latency, connections: '0%' },
      { path: 'faults[0].connections', value: '0%', message: 'must be more than 0%' },
    ],
    [
      'a share of connections over gRPC, where it is drawn once for all requests',
      { ...latency, edge: 'shop-prices', connections: '99%' },
      {
        path: 'faults[0].connections',
        value: 0.99,
        message: 'must be 100% on a gRPC edge, where one connection carries everything',
        hint: 'it would hit all requests of a connection or none; `request-…` faults take a `share` of the requests',
      },
    ],
    [
      'requests of an edge of bytes',
      { kind: 'request-cut', ...tcp },
      {
        path: 'faults[0].edge',
        message: 'carries bytes of an unknown protocol: it has no requests',
        hint: 'set `protocol` of the edge to "http" or "grpc"',
      },
    ],
    [
      'two ways to choose requests',
      { ...hang, first: 1, share: '10%' },
      {
        path: 'faults[0].share',
        value: 0.1,
        message: 'cannot be together: `first` and `share`',
        hint: 'keep one of them',
      },
    ],
    [
      'three ways to choose requests',
      { ...hang, first: 1, pattern: { count: 1, of: 2 }, share: '10%' },
      {
        path: 'faults[0].pattern',
        value: { count: 1, of: 2 },
        message: 'cannot be together: `first` and `pattern` and `share`',
        hint: 'keep one of them',
      },
    ],
    [
      'a pattern of all requests',
      { ...hang, pattern: { count: 5, of: 5 } },
      {
        path: 'faults[0].pattern',
        value: { count: 5, of: 5 },
        message: 'must have a `count` below `of`',
        hint: 'without a pattern all are hit',
      },
    ],
    [
      'a gRPC code over HTTP',
      { kind: 'request-fail', ...http, with: 'UNAVAILABLE' },
      {
        path: 'faults[0].with',
        value: 'UNAVAILABLE',
        message: 'must be an HTTP status on an HTTP edge',
        hint: 'for example 503',
      },
    ],
    [
      'an HTTP status over gRPC',
      { kind: 'request-fail', ...grpc, with: 503 },
      {
        path: 'faults[0].with',
        value: 503,
        message: 'must be a gRPC code other than OK on a gRPC edge',
        hint: 'for example "UNAVAILABLE"',
      },
    ],
    [
      'a gRPC code that there is not',
      { kind: 'request-fail', ...grpc, with: 'UNAVAILABEL' },
      {
        path: 'faults[0].with',
        value: 'UNAVAILABEL',
        message: 'must be a gRPC code other than OK on a gRPC edge',
        hint: 'did you mean "UNAVAILABLE"?',
      },
    ],
    [
      'a failure that is none',
      { kind: 'request-fail', ...http, with: 200 },
      {
        path: 'faults[0].with',
        value: 200,
        message: 'must be an HTTP status of 400–599, or a gRPC code such as "UNAVAILABLE"',
      },
    ],
    [
      'a disk that leaves more than it has',
      { kind: 'disk-full', service: 'stock', ...AT, size: '1MiB', leave: '1MiB' },
      { path: 'faults[0].leave', value: 1_048_576, message: 'must be less than the size (1048576 bytes)' },
    ],
    // Together with others.
    [
      'two of a kind at once on one edge',
      [latency, { ...latency, name: 'other' }],
      {
        path: 'faults',
        message:
          '"latency-shop-stock" and "other" are on the same edge at the same time, and would be one fault with the attributes of the later',
        hint: 'move one of them',
      },
    ],
    [
      'something on an edge that is down',
      [latency, { kind: 'down', ...http }],
      {
        path: 'faults',
        message:
          '"latency-shop-stock" and "down-shop-stock" are on the same edge at the same time, and nothing passes that the other could act on',
        hint: 'move one of them',
      },
    ],
    [
      'two ends of one service',
      [
        { kind: 'kill', service: 'stock', ...AT },
        { kind: 'pause', service: 'stock', ...AT },
      ],
      {
        path: 'faults',
        message:
          '"kill-stock" and "pause-stock" are on the same service at the same time, and one would undo the other',
        hint: 'move one of them',
      },
    ],
    [
      'a full disk of a service that ends in the same experiment',
      [
        { kind: 'disk-full', service: 'stock', ...AT },
        { kind: 'kill', service: 'stock', at: '10s', for: '1s' },
      ],
      {
        path: 'faults',
        message: '"disk-full-stock" and "kill-stock" cannot be in one experiment',
        hint: 'its data are in a file system of their own, which is lost with its processes',
      },
    ],
    [
      'the steady phase',
      { kind: 'down', edge: 'shop-stock', at: '6s', for: '1s' },
      {
        path: 'load.steady',
        value: 'steady',
        message: 'the steady phase must end before the first fault starts',
      },
    ],
  ])('%s', async (_, faults, problem) => {
    expect(await problemsOf({ faults: [faults].flat() })).toEqual([problem]);
  });

  test('in a phase that a comparison has split', async () => {
    const load = { scenario: 'builtin:http', phases: [{ name: 'compare', duration: '60s', rate: '10/s' }] };
    const faults = [{ kind: 'down', edge: 'shop-stock', during: 'compare' }];
    expect(await problemsOf({ load, comparison: { blocks: 10 }, budgets: [], faults })).toContainEqual({
      path: 'faults[0].during',
      value: 'compare',
      message: 'is split into blocks by the comparison',
      hint: 'a fault needs a phase of its own, or `at` and `for`',
    });
  });

  test('without a steady phase, or a budget in it', async () => {
    const faults = [hang];
    const load = { scenario: 'builtin:http', phases: [{ name: 'stead', duration: '15s', rate: '10/s' }] };
    const budgets = [{ kind: 'errors', phase: 'broken', atMost: '1%' }];
    expect(await problemsOf({ load, budgets: [{ ...budgets[0], phase: 'stead' }], faults })).toEqual([
      {
        path: 'load.steady',
        value: 'steady',
        message: 'no such phase: faults need a steady phase before them',
        hint: 'did you mean "stead"?',
      },
    ]);
    expect(await problemsOf({ budgets, faults })).toEqual([
      {
        path: 'budgets',
        message: 'none is judged in the steady phase "steady"',
        hint: 'add one: a fault says nothing about a system that was already broken',
      },
    ]);
  });
});

describe('a fault that comes back', () => {
  test('has a name, a time and a seed of its own each time', async () => {
    const { faults } = await planOf({
      faults: [{ ...hang, name: 'hung', share: '50%', for: '500ms', repeat: { times: 3, every: '2s' } }],
    });
    expect(faults.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
      ['hung-1', 8_000, 8_500],
      ['hung-2', 10_000, 10_500],
      ['hung-3', 12_000, 12_500],
    ]);
    expect(new Set(faults.map((fault) => ('seed' in fault ? fault.seed : undefined))).size).toBe(3);
  });

  test('never overlaps itself, begins at most so much late, and the first time on time', async () => {
    const inputs = fc.record({
      lengthMs: fc.integer({ min: 1, max: 500 }),
      spreadMs: fc.integer({ min: 0, max: 500 }),
      slackMs: fc.integer({ min: 0, max: 200 }),
      times: fc.integer({ min: 2, max: 6 }),
      seed: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(inputs, async ({ lengthMs, spreadMs, slackMs, times: count, seed: own }) => {
        const everyMs = lengthMs + spreadMs + slackMs;
        const again = { times: count, every: `${everyMs}ms`, spread: `${spreadMs}ms` };
        const input = { kind: 'down', edge: 'shop-stock', at: '8s', for: `${lengthMs}ms`, repeat: again };
        const { faults } = await planOf({ seed: own, faults: [input] });
        expect(findConflicts(faults)).toEqual([]);
        expect(faults).toHaveLength(count);
        for (const [index, { startMs, endMs }] of faults.entries()) {
          const lateMs = startMs - 8_000 - index * everyMs;
          expect(endMs - startMs).toBe(lengthMs);
          expect(lateMs).toBeGreaterThanOrEqual(0);
          expect(lateMs).toBeLessThanOrEqual(index === 0 ? 0 : spreadMs);
          const previous = faults[index - 1];
          if (previous !== undefined) expect(startMs).toBeGreaterThanOrEqual(previous.endMs);
        }
      }),
      { numRuns: 50 },
    );
  });
});
