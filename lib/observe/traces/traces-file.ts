import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RequestTrace } from './observation.ts';

/** One sampled request a line. */
export async function writeTraces(path: string, requests: readonly RequestTrace[]): Promise<void> {
  const lines = function* () {
    for (const request of requests) yield `${JSON.stringify(request)}\n`;
  };
  await pipeline(Readable.from(lines()), createWriteStream(path));
}

export function readTraces(text: string): readonly RequestTrace[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as RequestTrace]));
}
