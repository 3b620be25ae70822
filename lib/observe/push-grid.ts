/** How often k6 is told to push, in milliseconds. */
const PUSH_INTERVAL_MS = 1_000;

/**
 * Places pushes in one-second windows. A push at `atMs` (since the load's start) tells what happened in the interval
 * before it, [atMs − interval, atMs). k6 pushes at a fixed beat that starts some fraction of a second off the load's; the
 * first push fixes that fraction, every push is moved by it to the nearest beat, and belongs to the window that the
 * middle of its interval lies in. A window is thus at most half an interval off, and a push that is late or early by less
 * than that does not leave one window empty and fill the next twice. Nothing is before window 0: there was no load.
 */
export function pushGrid(intervalMs: number = PUSH_INTERVAL_MS): (atMs: number) => number {
  let offsetMs: number | undefined;
  return (atMs) => {
    offsetMs ??= atMs - Math.round(atMs / intervalMs) * intervalMs;
    return Math.max(0, Math.floor((atMs - offsetMs - intervalMs / 2) / 1_000));
  };
}
