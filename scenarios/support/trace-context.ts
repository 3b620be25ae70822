/** Random, and not from the seed: no two runs are to share a trace. One half is the virtual user's own, since draws are dear. */
const half = hex8() + hex8();

/** W3C trace context: a new trace with the sampled flag for each request. */
export function newTraceparent(): string {
  const request = hex8() + hex8();
  return `00-${half}${request}-${request}-01`;
}

function hex8(): string {
  return (0x1_0000_0000 + Math.floor(Math.random() * 0x1_0000_0000)).toString(16).slice(1);
}
