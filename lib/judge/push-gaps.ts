/**
 * The longest time without a push of metrics while the load ran, in milliseconds: from its start to the first push (less
 * `intervalMs`, the time after which the first one is due), between pushes, and from the last one to its end.
 */
export function longestGapMs(pushesMs: readonly number[], loadEndMs: number, intervalMs: number): number {
  const during = pushesMs.filter((at) => at > 0 && at < loadEndMs).toSorted((a, b) => a - b);
  let longest = 0;
  let previous = Math.min(intervalMs, during[0] ?? loadEndMs);
  for (const at of [...during, loadEndMs]) {
    longest = Math.max(longest, at - previous);
    previous = at;
  }
  return longest;
}
