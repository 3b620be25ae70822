import type { WindowVerdict } from '../recovery-span.ts';

/** When a row of windows that surely break the budget calls for a rollback. */
export interface BadRow {
  /** The first window that broke it. */
  readonly detected: WindowVerdict;
  /** The last one of the first row of so many. */
  readonly decided: WindowVerdict;
}

/** Undefined: there is no row of `atLeast` bad windows. One whose bounds leave it open is neither good nor bad. */
export function badRow(windows: readonly WindowVerdict[], atLeast: number): BadRow | undefined {
  let row = 0;
  for (const window of windows) {
    row = isBad(window) ? row + 1 : 0;
    if (row < atLeast) continue;
    return { detected: windows.find(isBad) ?? window, decided: window };
  }
  return undefined;
}

export function isBad({ possibly }: WindowVerdict): boolean {
  return !possibly;
}
