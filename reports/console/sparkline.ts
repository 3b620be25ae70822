const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/**
 * The last values as one row of bars, from 0 to the highest of them; a gap where there is no value. Never wider than `columns`.
 */
export function sparkline(values: readonly (number | undefined)[], columns: number): string {
  const shown = columns < 1 ? [] : values.slice(-columns);
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  return shown
    .map((value) => {
      if (value === undefined) return ' ';
      const step = highest === 0 ? 0 : Math.round((value / highest) * (BARS.length - 1));
      return BARS[Math.min(BARS.length - 1, Math.max(0, step))] ?? ' ';
    })
    .join('');
}
