/** Whether a one-second window holds: `surely` with the low end of its good events, `possibly` with the high end. */
export interface WindowVerdict {
  readonly startMs: number;
  readonly surely: boolean;
  readonly possibly: boolean;
}

/** Windows in a row that must hold. */
const IN_A_ROW = 3;
const WINDOW_MS = 1_000;
/** Requests are placed in windows by pushes, at most half a second off. */
const MISPLACED_MS = 500;

/**
 * When the system had recovered, in milliseconds after the fault's removal, from the windows that lie fully after it.
 *
 * `latestMs`: the start of the first of three windows in a row that surely hold; undefined when there are none.
 * `earliestMs`: nothing is known about when within the last bad window it got well, and that window may be placed half a
 * second late, so it is 1.5 s before the first of three windows in a row that possibly hold, and 0 when every window since the removal did. If there are no three in
 * a row, then those at the end that possibly hold count as the beginning of such a row.
 */
export function recoverySpan(
  windows: readonly WindowVerdict[],
  removedMs: number,
): { readonly earliestMs: number; readonly latestMs: number | undefined } {
  const sure = firstRow(windows, (window) => window.surely);
  const latest = sure === undefined ? undefined : windows[sure];
  const possible = firstRow(windows, (window) => window.possibly) ?? trailingRow(windows, (window) => window.possibly);
  const before = windows[possible - 1];
  return {
    earliestMs: before === undefined ? 0 : Math.max(0, before.startMs - MISPLACED_MS - removedMs),
    latestMs: latest === undefined ? undefined : latest.startMs - removedMs,
  };
}

function firstRow(windows: readonly WindowVerdict[], holds: (window: WindowVerdict) => boolean): number | undefined {
  const row = windows.findIndex((first, index) =>
    Array.from({ length: IN_A_ROW }, (_, offset) => windows[index + offset]).every(
      (window, offset) =>
        window !== undefined && holds(window) && window.startMs === first.startMs + offset * WINDOW_MS,
    ),
  );
  return row === -1 ? undefined : row;
}

/** Index of the first of the windows at the end that all hold; the number of windows when the last one does not. */
function trailingRow(windows: readonly WindowVerdict[], holds: (window: WindowVerdict) => boolean): number {
  return windows.findLastIndex((window) => !holds(window)) + 1;
}
