import protobuf from 'protobufjs';
import { uncompress } from 'snappyjs';
import type { Histogram } from './observations.ts';
import { snappyLength } from './snappy-length.ts';

const MAX_UNCOMPRESSED_BYTES = 64 * 1024 * 1024;

/**
 * The parts of Prometheus remote write 1.0 that are read, by field number. Histograms are left as bytes, so that those of
 * metrics that nobody asks for (most of k6's) are never decoded.
 */
const SCHEMA = {
  nested: {
    WriteRequest: { fields: { timeseries: { rule: 'repeated', type: 'TimeSeries', id: 1 } } },
    TimeSeries: {
      fields: {
        labels: { rule: 'repeated', type: 'Label', id: 1 },
        samples: { rule: 'repeated', type: 'Sample', id: 2 },
        histograms: { rule: 'repeated', type: 'bytes', id: 4 },
      },
    },
    Label: { fields: { name: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
    Sample: { fields: { value: { type: 'double', id: 1 } } },
    Histogram: {
      oneofs: {
        count: { oneof: ['countInt', 'countFloat'] },
        zeroCount: { oneof: ['zeroCountInt', 'zeroCountFloat'] },
      },
      fields: {
        countInt: { type: 'uint64', id: 1 },
        countFloat: { type: 'double', id: 2 },
        sum: { type: 'double', id: 3 },
        schema: { type: 'sint32', id: 4 },
        zeroThreshold: { type: 'double', id: 5 },
        zeroCountInt: { type: 'uint64', id: 6 },
        zeroCountFloat: { type: 'double', id: 7 },
        negativeDeltas: { rule: 'repeated', type: 'sint64', id: 9 },
        positiveSpans: { rule: 'repeated', type: 'BucketSpan', id: 11 },
        positiveDeltas: { rule: 'repeated', type: 'sint64', id: 12 },
      },
    },
    BucketSpan: { fields: { offset: { type: 'sint32', id: 1 }, length: { type: 'uint32', id: 2 } } },
  },
};

/** One series of a push: the latest value of a counter or gauge, or of a histogram. */
export interface PushedSeries {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** Absent in a histogram's series; not a number in the markers that end a series. */
  readonly value: number | undefined;
  /** Decodes it. Throws BadPush for a kind that cannot be counted exactly. */
  readonly histogram: (() => Histogram) | undefined;
}

/** A push that is not what Prometheus remote write 1.0 says, or holds histograms that cannot be counted exactly. */
export class BadPush extends Error {}

interface WireTimeSeries {
  readonly labels: readonly { readonly name: string; readonly value: string }[];
  readonly samples: readonly { readonly value: number }[];
  readonly histograms: readonly Uint8Array[];
}

interface WireHistogram {
  readonly count: 'countInt' | 'countFloat';
  readonly countInt: number;
  readonly sum: number;
  readonly schema: number;
  readonly zeroThreshold: number;
  readonly zeroCountInt?: number;
  readonly negativeDeltas: readonly number[];
  readonly positiveSpans: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveDeltas: readonly number[];
}

/** Makes a decoder of snappy-compressed remote-write bodies. It throws BadPush. */
export function remoteWriteDecoder(): (body: Uint8Array) => readonly PushedSeries[] {
  const root = protobuf.Root.fromJSON(SCHEMA);
  const requestType = root.lookupType('WriteRequest');
  const histogramType = root.lookupType('Histogram');

  function decodeHistogram(bytes: Uint8Array): Histogram {
    const wire = attempt(() =>
      histogramType.toObject(histogramType.decode(bytes), OBJECTS),
    ) as unknown as WireHistogram;
    return toHistogram(wire);
  }

  return (body) => {
    if (snappyLength(body) === undefined) throw new BadPush('the body is no snappy block');
    const bytes = attempt(() => uncompress(body, MAX_UNCOMPRESSED_BYTES));
    const request = attempt(() => requestType.toObject(requestType.decode(bytes), OBJECTS));
    return (request['timeseries'] as readonly WireTimeSeries[]).map(({ labels, samples, histograms }) => {
      const map = new Map(labels.map(({ name, value }) => [name, value]));
      const name = map.get('__name__');
      if (name === undefined) throw new BadPush('a series has no name');
      const last = histograms.at(-1);
      return {
        name,
        labels: map,
        value: samples.at(-1)?.value,
        histogram: last === undefined ? undefined : () => decodeHistogram(last),
      };
    });
  };
}

/** Counts above 2^53 would lose their last digits; no run comes near. */
const OBJECTS = { longs: Number, arrays: true, defaults: true, oneofs: true };

function attempt<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    throw new BadPush(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function toHistogram(wire: WireHistogram): Histogram {
  const { count, countInt, sum, schema, zeroThreshold, zeroCountInt = 0, positiveSpans, positiveDeltas } = wire;
  if (count !== 'countInt') throw new BadPush('histograms with float counts are not supported');
  if (schema < -4 || schema > 8) throw new BadPush(`histograms of schema ${schema} are not supported`);
  const spanned = positiveSpans.reduce((total, { length }) => total + length, 0);
  if (spanned !== positiveDeltas.length) {
    throw new BadPush(`a histogram's spans cover ${spanned} buckets, but it has ${positiveDeltas.length}`);
  }
  const buckets: (readonly [number, number])[] = [];
  let index = 0;
  let bucketCount = 0;
  let next = 0;
  for (const { offset, length } of positiveSpans) {
    index += offset;
    for (let i = 0; i < length; i += 1) {
      bucketCount += positiveDeltas[next] ?? 0;
      if (bucketCount < 0) throw new BadPush('a histogram has a bucket with a negative count');
      if (bucketCount > 0) buckets.push([index, bucketCount]);
      index += 1;
      next += 1;
    }
  }
  // What is below zero is also below the zero threshold.
  const zeroCount = zeroCountInt + sumOfDeltas(wire.negativeDeltas);
  return { schema, zeroThreshold, zeroCount, count: countInt, sum, buckets };
}

function sumOfDeltas(deltas: readonly number[]): number {
  let [value, total] = [0, 0];
  for (const delta of deltas) {
    value += delta;
    total += value;
  }
  return total;
}
