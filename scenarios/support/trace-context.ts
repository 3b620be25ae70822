import { numeric, optional } from './env.ts';
import { type TraceLine, encodeTraceLine } from './trace-line.ts';

/** Random, and not from the seed: no two runs are to share a trace. One half is the virtual user's own, since draws are dear. */
const half = hex8(random32()) + hex8(random32());

/** Of all requests; others are not sampled then, so that nobody exports their spans. Without it, all are, and none is told of. */
const telling = optional('TRACE_SAMPLE', '') !== '';
const sampledBelow = numeric('TRACE_SAMPLE', 1, 0, 1) * 0x1_0000_0000;

/** W3C trace context: a new trace for each request, with the sampled flag where it is one of the sample. */
export function newTraceparent(): string {
  const draw = random32();
  const request = hex8(draw) + hex8(random32());
  return `00-${half}${request}-${request}-${draw < sampledBelow ? '01' : '00'}`;
}

/**
 * Tells of a sampled request, for a later check that its trace is whole: a line in k6's console, the only way out of a
 * script that outlives it (`--console-output FILE`). See trace-line.ts.
 */
export function tellTrace(request: TraceLine): void {
  if (!telling || !request.traceparent.endsWith('-01')) return;
  console.log(encodeTraceLine(request));
}

function random32(): number {
  return Math.floor(Math.random() * 0x1_0000_0000);
}

function hex8(number: number): string {
  return (0x1_0000_0000 + number).toString(16).slice(1);
}
