/** W3C trace context: a new trace with the sampled flag for each request. Ids are random, not repeatable: no two runs share one. */
export function newTraceparent(): string {
  return `00-${hex(32)}-${hex(16)}-01`;
}

function hex(digits: number): string {
  let text = '';
  while (text.length < digits)
    text += Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return text;
}
