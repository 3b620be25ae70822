import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_BYTES = 64 * 1024;

/**
 * Follows a file that another process writes: each call returns the lines that have become complete since the last one. A
 * file that is not there yet has none. What was read is not read again: a scenario's setup may write much.
 */
export function followLines(path: string): () => readonly string[] {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.alloc(CHUNK_BYTES);
  let position = 0;
  let unfinished = '';
  return () => {
    const descriptor = open(path);
    if (descriptor === undefined) return [];
    try {
      for (;;) {
        const length = readSync(descriptor, buffer, 0, CHUNK_BYTES, position);
        if (length === 0) break;
        position += length;
        unfinished += decoder.write(buffer.subarray(0, length));
      }
    } finally {
      closeSync(descriptor);
    }
    const lines = unfinished.split('\n');
    unfinished = lines.pop() ?? '';
    return lines;
  };
}

function open(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
