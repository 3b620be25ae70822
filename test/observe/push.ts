import protobuf from 'protobufjs';
import { compress } from 'snappyjs';

/** The messages of Prometheus remote write 1.0 in full, as its prompb/types.proto and remote.proto have them. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message WriteRequest { repeated TimeSeries timeseries = 1; }
  message TimeSeries { repeated Label labels = 1; repeated Sample samples = 2; repeated Histogram histograms = 4; }
  message Label { string name = 1; string value = 2; }
  message Sample { double value = 1; int64 timestamp = 2; }
  message BucketSpan { sint32 offset = 1; uint32 length = 2; }
  message Histogram {
    oneof count { uint64 count_int = 1; double count_float = 2; }
    double sum = 3;
    sint32 schema = 4;
    double zero_threshold = 5;
    oneof zero_count { uint64 zero_count_int = 6; double zero_count_float = 7; }
    repeated BucketSpan negative_spans = 8;
    repeated sint64 negative_deltas = 9;
    repeated double negative_counts = 10;
    repeated BucketSpan positive_spans = 11;
    repeated sint64 positive_deltas = 12;
    repeated double positive_counts = 13;
    int64 timestamp = 15;
  }
`);
const writeRequest = root.lookupType('WriteRequest');

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value?: number;
  readonly histogram?: object;
}

/** The body of a push with these series, as k6 sends it. */
export function encodePush(series: readonly Series[]): Uint8Array {
  const timeseries = series.map(({ labels, value, histogram }) => ({
    labels: Object.entries(labels)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, text]) => ({ name, value: text })),
    samples: value === undefined ? [] : [{ value, timestamp: 1_795_500_668_679 }],
    histograms: histogram === undefined ? [] : [histogram],
  }));
  return compress(writeRequest.encode(writeRequest.fromObject({ timeseries })).finish());
}

/** Buckets as spans and deltas: the way a native histogram travels. */
export function wireHistogram(counts: Readonly<Record<number, number>>, { zeroCount = 0, sum = 0 } = {}): object {
  const spans: { offset: number; length: number }[] = [];
  const deltas: number[] = [];
  let [next, before, count] = [0, 0, zeroCount];
  for (const [key, bucketCount] of Object.entries(counts).toSorted(([a], [b]) => Number(a) - Number(b))) {
    const index = Number(key);
    const span = spans.at(-1);
    if (span !== undefined && index === next) span.length += 1;
    else spans.push({ offset: index - next, length: 1 });
    deltas.push(bucketCount - before);
    [next, before, count] = [index + 1, bucketCount, count + bucketCount];
  }
  return {
    countInt: count,
    sum,
    schema: 3,
    zeroThreshold: 2 ** -128,
    zeroCountInt: zeroCount,
    positiveSpans: spans,
    positiveDeltas: deltas,
    timestamp: 1_795_500_668_679,
  };
}
