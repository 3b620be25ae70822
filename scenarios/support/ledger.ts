import { optional } from './env.ts';

/** One write that a scenario attempts. Its id follows from run, virtual user and iteration, so that no attempt is unknown. */
export interface Write {
  /** What is written: "ledger-entry", "order". */
  readonly kind: string;
  /** The idempotency key: the attempt's identity. */
  readonly key: string;
  readonly account: string;
  readonly amountMinor?: number;
}

/** What came of it: acknowledged, refused (it was not done), or unknown (it may have been done). */
export type WriteOutcome = 'acknowledged' | 'refused' | 'indeterminate';

const recording = optional('RECORD_WRITES', 'off') === 'on';

/**
 * Records a write around its call, for a later check that nothing was lost or done twice: a line before, and one after
 * with what came of it. Lines go to k6's console, the only way out of a script that outlives it
 * (`--console-output FILE`); the harness keeps them as writes.ndjson where the load says `recordWrites`.
 */
export function recordWrite<Result extends { readonly outcome: WriteOutcome; readonly id?: string | undefined }>(
  write: Write,
  call: () => Result,
): Result {
  if (!recording) return call();
  const attemptedMs = Date.now();
  log({ ...write, event: 'attempted', atMs: attemptedMs });
  const result = call();
  log({ ...write, event: result.outcome, id: result.id, attemptedMs, atMs: Date.now() });
  return result;
}

function log(line: object): void {
  console.log(JSON.stringify({ write: line }));
}
