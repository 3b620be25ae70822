import { createReadStream } from 'node:fs';

const CHUNK_BYTES = 1024 ** 2;

/**
 * The lines of a file, many at a time. A last line that is not ended counts, too. They are parts of a larger text: whoever keeps
 * one keeps that. A file that is not there rejects (ENOENT).
 */
export async function* lineBatches(
  path: string,
  encoding: 'utf8' | 'latin1' = 'utf8',
): AsyncGenerator<readonly string[]> {
  let unfinished = '';
  for await (const chunk of createReadStream(path, { encoding, highWaterMark: CHUNK_BYTES }) as AsyncIterable<string>) {
    const lines = (unfinished + chunk).split('\n');
    unfinished = lines.pop() ?? '';
    yield lines;
  }
  if (unfinished !== '') yield [unfinished];
}
