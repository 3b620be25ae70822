/** What everything that is printed at the end of a run shares. */

const MIN_WIDTH = 60;
const MAX_WIDTH = 160;

export const INDENT = '  ';

/** Columns that are left for text on a terminal of this width. */
export function roomOf(width: number): number {
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, width)) - INDENT.length;
}

export function indented(lines: readonly string[]): string[] {
  return lines.map((line) => `${INDENT}${line}`);
}
