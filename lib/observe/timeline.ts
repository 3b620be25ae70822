import { createReadStream } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { CutoverError, EXIT } from '../errors.ts';
import type { Second } from './observations.ts';

const count = z.number().nonnegative();

const histogramSchema = z.strictObject({
  schema: z.number().int(),
  zeroThreshold: count,
  zeroCount: count,
  count,
  sum: z.number(),
  buckets: z.array(z.tuple([z.number().int(), count]).readonly()).readonly(),
});

const secondSchema = z.strictObject({
  t: z.number().int().nonnegative(),
  phase: z.string(),
  offered: count,
  iterations: count,
  dropped: count,
  exceptions: count,
  busyVus: count,
  startLag: histogramSchema,
  operations: z
    .array(
      z.strictObject({
        operation: z.string(),
        protocol: z.enum(['http', 'grpc']),
        phase: z.string(),
        succeeded: histogramSchema,
        failed: histogramSchema,
        rejected: count,
        within: z
          .array(z.strictObject({ underMs: count, low: count, high: count }))
          .readonly()
          .exactOptional(),
      }),
    )
    .readonly(),
  runtimes: z
    .array(
      z.strictObject({
        source: z.string(),
        heapBytes: count.exactOptional(),
        gcPauseSeconds: count.exactOptional(),
        goroutines: count.exactOptional(),
      }),
    )
    .readonly(),
  resources: z
    .array(
      z.strictObject({
        source: z.string(),
        role: z.enum(['service', 'generator', 'proxy', 'harness', 'machine']),
        cpuCores: count,
        rssBytes: count,
      }),
    )
    .readonly(),
});

/** A timeline that was not written by this version, or was changed: exit 2. */
export class TimelineError extends CutoverError {
  readonly code = 'invalid-timeline';
  readonly exitCode = EXIT.usage;
}

/** One line of `timeline.ndjson`, with its line end. */
export function writeSecond(second: Second): string {
  return `${JSON.stringify(second)}\n`;
}

/**
 * Reads `timeline.ndjson` back. A last line without a line end is what a crash leaves of a line: it is left out. Any other
 * broken line is a TimelineError that names it.
 */
export function readTimeline(text: string): Second[] {
  return text.split('\n').slice(0, -1).map(readSecond);
}

/** The same from a file, piece by piece: in the middle of a run nothing else may wait for the whole of a long one. */
export async function readTimelineFile(path: string): Promise<Second[]> {
  const seconds: Second[] = [];
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) seconds.push(readSecond(line, seconds.length));
    await setImmediate();
  }
  return seconds;
}

function readSecond(line: string, index: number): Second {
  const value = parse(line);
  const result = secondSchema.safeParse(value);
  // Not `result.data`, a copy whose arrays hold three times the memory.
  if (result.success) return value as Second;
  throw new TimelineError(
    `line ${index + 1} of the timeline is not a second of a run: ${z.prettifyError(result.error)}`,
    { hint: 'the file must be as the run wrote it' },
  );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
