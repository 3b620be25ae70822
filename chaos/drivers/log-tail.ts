import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

const TAIL_BYTES = 16 * 1024;

/** The last lines of a log file that is still being written; nothing when there is no file. */
export function lastLines(path: string, count = 20): readonly string[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return [];
  }
  try {
    const { size } = fstatSync(file);
    const start = Math.max(0, size - TAIL_BYTES);
    const buffer = Buffer.alloc(size - start);
    const length = readSync(file, buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8', 0, length).split('\n');
    // Cut in the middle: the first piece is no whole line.
    if (start > 0) lines.shift();
    return lines.filter((line) => line.trim() !== '').slice(-count);
  } finally {
    closeSync(file);
  }
}

/** The last lines as they are put below an error's message. */
export function quoteLog(path: string, lines = lastLines(path)): string {
  if (lines.length === 0) return `\n  (nothing in ${path})`;
  return `\n  last lines of ${path}:\n${lines.map((line) => `    ${line}`).join('\n')}`;
}
