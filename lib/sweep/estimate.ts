/** How long a cell took, and how much of that its load was planned to run. */
export interface CellTime {
  readonly loadMs: number;
  readonly tookMs: number;
}

/** Before the first cell: services start, proxies are made, everything is stopped and shown to be gone. */
const FIRST_OVERHEAD_MS = 5_000;

/**
 * How long a cell whose load runs for `loadMs` is going to take: what the cells so far took on top of their load, by its
 * median, since the first one may have built the services.
 */
export function estimateMs(loadMs: number, cells: readonly CellTime[]): number {
  const overheads = cells.map((cell) => Math.max(0, cell.tookMs - cell.loadMs)).toSorted((a, b) => a - b);
  return loadMs + (overheads[Math.floor((overheads.length - 1) / 2)] ?? FIRST_OVERHEAD_MS);
}
