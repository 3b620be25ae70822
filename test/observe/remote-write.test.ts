import fc from 'fast-check';
import { compress } from 'snappyjs';
import { describe, expect, test } from 'vitest';
import { BadPush, remoteWriteDecoder } from '../../lib/observe/remote-write.ts';
import { encodePush, wireHistogram } from './push.ts';

const decode = remoteWriteDecoder();
const labels = { __name__: 'k6_http_req_duration_seconds', scenario: 'load', name: 'quote' };

describe('what is pushed is decoded', () => {
  test('labels, values and histograms', () => {
    const [first, second, third] = decode(
      encodePush([
        { labels, histogram: wireHistogram({ [-30]: 2, [-29]: 5, [-20]: 1, 4: 3 }, { zeroCount: 7, sum: 12.5 }) },
        { labels: { __name__: 'k6_dropped_iterations_total' }, value: 10 },
        { labels: { __name__: 'k6_vus' }, value: 0 },
      ]),
    );
    expect(Object.fromEntries(first?.labels ?? [])).toEqual(labels);
    expect(first?.value).toBeUndefined();
    expect(first?.histogram?.()).toEqual({
      schema: 3,
      zeroThreshold: 2 ** -128,
      zeroCount: 7,
      count: 18,
      sum: 12.5,
      buckets: [
        [-30, 2],
        [-29, 5],
        [-20, 1],
        [4, 3],
      ],
    });
    expect([second?.name, second?.value, second?.histogram]).toEqual(['k6_dropped_iterations_total', 10, undefined]);
    expect(third?.value).toBe(0);
  });

  test('any histogram', () => {
    const counts = fc.dictionary(fc.integer({ min: -200, max: 80 }).map(String), fc.integer({ min: 1, max: 2 ** 40 }));
    fc.assert(
      fc.property(counts, fc.nat(), (buckets, zeroCount) => {
        const [series] = decode(encodePush([{ labels, histogram: wireHistogram(buckets, { zeroCount }) }]));
        const decoded = series?.histogram?.();
        expect(Object.fromEntries(decoded?.buckets ?? [])).toEqual({ ...buckets });
        expect(decoded?.zeroCount).toBe(zeroCount);
        expect(decoded?.count).toBe(Object.values(buckets).reduce((sum, count) => sum + count, zeroCount));
      }),
    );
  });

  test('what is below zero counts as zero', () => {
    const histogram = {
      ...wireHistogram({ 1: 1 }, { zeroCount: 2 }),
      countInt: 8,
      negativeSpans: [{ offset: 0, length: 2 }],
      negativeDeltas: [2, 1],
    };
    expect(decode(encodePush([{ labels, histogram }]))[0]?.histogram?.().zeroCount).toBe(7);
  });

  test('no series at all', () => {
    expect(decode(encodePush([]))).toEqual([]);
  });
});

describe('what cannot be counted is refused', () => {
  test.each([
    ['float counts', { ...wireHistogram({ 1: 1 }), countInt: undefined, countFloat: 1.5 }, /float counts/],
    ['custom buckets', { ...wireHistogram({ 1: 1 }), schema: -53 }, /schema -53/],
    ['spans without buckets', { ...wireHistogram({ 1: 1 }), positiveSpans: [{ offset: 0, length: 3 }] }, /cover 3/],
    ['a negative count', { ...wireHistogram({ 1: 1, 2: 1 }), positiveDeltas: [1, -2] }, /negative/],
  ])('a histogram with %s', (_, histogram, message) => {
    const [series] = decode(encodePush([{ labels, histogram }]));
    expect(() => series?.histogram?.()).toThrow(BadPush);
    expect(() => series?.histogram?.()).toThrow(message);
  });

  test('a series without a name', () => {
    expect(() => decode(encodePush([{ labels: { name: 'quote' }, value: 1 }]))).toThrow(BadPush);
  });

  test('more than 64 MiB when uncompressed', () => {
    expect(() => decode(compress(new Uint8Array(64 * 1024 * 1024 + 1)))).toThrow(BadPush);
  });

  test('any other bytes never do worse than that', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, compressed) => {
        try {
          for (const series of decode(compressed ? compress(bytes) : bytes)) series.histogram?.();
        } catch (error) {
          expect(error).toBeInstanceOf(BadPush);
        }
      }),
    );
    expect(() => decode(new Uint8Array([255, 255, 255]))).toThrow(BadPush);
  });
});
