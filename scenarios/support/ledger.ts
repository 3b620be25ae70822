/**
 * For scenarios, your own too: tells the harness of every write, so that it can check afterwards that nothing was lost or
 * done twice, and of reads, so that it can check that they showed what was there (an experiment's `history`).
 *
 *   import { outcomeOfStatus, recordWrite, writeKey } from 'cutover/support/ledger';
 *
 *   const key = writeKey('payment');
 *   recordWrite({ kind: 'payment', key, account: 'customer-7', value: 1250 }, () => {
 *     const reply = http.post(url, body, { headers: { 'Idempotency-Key': key } });
 *     return { outcome: outcomeOfStatus(reply.status) };
 *   });
 *
 * Lines go to k6's console, the only way out of a script that outlives it: k6 writes each one before the script goes on, so
 * that a k6 that is killed takes none along. The harness keeps them as writes.ndjson; plain k6 writes them with
 * `-e RECORD_WRITES=on --console-output FILE`.
 */
import exec from 'k6/execution';
import { optional } from './env.ts';
import { type WriteLine, type WriteOutcome, encodeWriteLine } from './write-line.ts';

export type { WriteOutcome } from './write-line.ts';

/** One write that a scenario attempts. */
export interface Write {
  /** What is written: "ledger-entry", "order". */
  readonly kind: string;
  /** The idempotency key, or whatever the client gives it: the attempt's identity. A repetition has the same one. */
  readonly key: string;
  /** Whose it is; order is only looked at within one account. */
  readonly account?: string;
  /** What is written, as far as the final state shows it; compared as text. */
  readonly value?: string | number;
  /** How it is written, for people: "over grpc". */
  readonly operation?: string;
}

/** What came of it: acknowledged, refused (it was not done), or indeterminate (it may have been done, or may still be). */
export interface WriteResult {
  readonly outcome: WriteOutcome;
  /** The id that the acknowledgement gave. */
  readonly id?: string | undefined;
  /** What it says was written, where the client did not know before. */
  readonly value?: string | number | undefined;
}

/** A read of one write, by its key or by its id, or of all writes of an account. */
export interface Read {
  readonly kind: string;
  readonly key?: string;
  readonly id?: string;
  readonly account?: string;
  /** How many writes a read of an account can show at most. */
  readonly limit?: number;
}

export interface ReadResult {
  /** One write: whether it was there. An account: how many of its writes were shown. Undefined: nothing was learnt (an error). */
  readonly seen: boolean | number | undefined;
}

/** Whether anybody listens: what is only recorded need not be read from an answer otherwise. */
export const recording = optional('RECORD_WRITES', 'off') === 'on';

/** Records a write around its call: a line before it, and one after it with what came of it. One that throws may have been done. */
export function recordWrite<Result extends WriteResult>(write: Write, call: () => Result): Result;
export function recordWrite<Result extends WriteResult>(write: Write, call: () => Promise<Result>): Promise<Result>;
export function recordWrite(
  write: Write,
  call: () => WriteResult | Promise<WriteResult>,
): WriteResult | Promise<WriteResult> {
  if (!recording) return call();
  const { kind, key, account = '', value = '', operation = '' } = write;
  log({
    event: 'attempted',
    kind,
    key,
    atMs: Date.now(),
    account,
    value: String(value),
    vu: exec.vu.idInTest,
    operation,
  });
  const tell = (result: WriteResult): WriteResult => {
    const { outcome, id = '', value: written = '' } = result;
    log({ event: outcome, kind, key, atMs: Date.now(), id, value: String(written) });
    return result;
  };
  const result = call();
  return result instanceof Promise ? result.then(tell) : tell(result);
}

/** Records a read around its call. */
export function recordRead<Result extends ReadResult>(read: Read, call: () => Result): Result;
export function recordRead<Result extends ReadResult>(read: Read, call: () => Promise<Result>): Promise<Result>;
export function recordRead(read: Read, call: () => ReadResult | Promise<ReadResult>): ReadResult | Promise<ReadResult> {
  if (!recording) return call();
  const { kind, key = '', id = '', account = '', limit = 0 } = read;
  const attemptedMs = Date.now();
  const tell = (result: ReadResult): ReadResult => {
    const { seen } = result;
    if (seen !== undefined) {
      log({ event: 'read', kind, key, id, account, attemptedMs, atMs: Date.now(), seen: Number(seen), limit });
    }
    return result;
  };
  const result = call();
  return result instanceof Promise ? result.then(tell) : tell(result);
}

/**
 * What came of a write, from an HTTP status: 2xx and 3xx are acknowledged, 4xx refused (but for 408 and 499, which are about
 * time), everything else (5xx, no answer) may have been done.
 */
export function outcomeOfStatus(status: number): WriteOutcome {
  if (status >= 200 && status < 400) return 'acknowledged';
  return isRefusal(status) ? 'refused' : 'indeterminate';
}

/** By these an HTTP server says that it has done nothing: the client's fault, and not that of the time it took. */
export function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408 && status !== 499;
}

/** What all keys of this virtual user have in them; neither the run nor the user is known in the init stage. */
let ofUser: string | undefined;
let lastIteration = -1;
let inIteration = 0;

/**
 * A key for a write, new in each call: "<kind>-<run>-<virtual user>-<iteration>" (and "-2" for the second of an iteration). It
 * follows from run, virtual user and iteration, so that a row is known to be of this run even where its record is lost.
 */
export function writeKey(kind: string): string {
  const { vu } = exec;
  ofUser ??= `${optional('RUN_ID', '') || `plain-${exec.scenario.startTime}`}-${vu.idInTest}`;
  const iteration = vu.iterationInScenario;
  inIteration = iteration === lastIteration ? inIteration + 1 : 1;
  lastIteration = iteration;
  return `${kind}-${ofUser}-${iteration}${inIteration === 1 ? '' : `-${inIteration}`}`;
}

function log(line: WriteLine): void {
  console.log(encodeWriteLine(line));
}
