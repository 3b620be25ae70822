import { displayWidth, padEnd, padStart, wrap } from './width.ts';

export interface Column {
  readonly head: string;
  readonly align?: 'right';
  /** Not made narrower than this, whatever the terminal. */
  readonly minimum: number;
}

const GAP = '  ';

/**
 * Column widths that fit into `width` together: as wide as the content needs; where that is too much, the widest column
 * gives way first, down to its minimum.
 */
export function fitColumns(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): number[] {
  const widths = columns.map(({ head }, index) =>
    Math.max(displayWidth(head), ...rows.map((row) => displayWidth(row[index] ?? ''))),
  );
  const room = width - GAP.length * (columns.length - 1);
  while (sum(widths) > room) {
    const slack = widths.map((current, index) => (current > (columns[index]?.minimum ?? 0) ? current : 0));
    const widest = slack.indexOf(Math.max(...slack));
    if ((slack[widest] ?? 0) === 0) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** One row as lines of a terminal: cells that are too long are wrapped inside their column. */
export function layOut(
  cells: readonly string[],
  columns: readonly Column[],
  widths: readonly number[],
  paintCell: (text: string, column: number) => string = (text) => text,
): string[] {
  const wrapped = cells.map((cell, index) => wrap(cell, widths[index] ?? 1));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) =>
    wrapped
      .map((lines, index) => {
        const pad = columns[index]?.align === 'right' ? padStart : padEnd;
        return paintCell(pad(lines[line] ?? '', widths[index] ?? 0), index);
      })
      .join(GAP)
      .trimEnd(),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
