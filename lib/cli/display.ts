import { relative } from 'node:path';

/** A path as it is shortest from here. */
export function display(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}
