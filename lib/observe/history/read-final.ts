import { setTimeout as delay } from 'node:timers/promises';
import type { FinalPlan } from '../../plan/schema/history.ts';
import type { FinalRow } from './observation.ts';
import { UnreadableRow, afterOf, finalRow, rowsIn } from './rows.ts';

/** Bounds of one read: a service that never comes to an end must not keep the run. */
const MOST_ROWS = 5_000_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;

/** What one request was answered. */
export interface PageAnswer {
  readonly ok: boolean;
  /** "HTTP 503", "UNAVAILABLE", "exit code 1: …". */
  readonly status: string;
  readonly items: readonly unknown[];
}

export interface FinalReader {
  readonly final: FinalPlan;
  /** Sends the final's request with these placeholders. Never rejects because of the callee. */
  readonly ask: (values: Readonly<Record<string, string>>) => Promise<PageAnswer>;
  /** Accounts to ask for, one after the other; undefined: all rows at once. */
  readonly accounts?: readonly string[];
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly onRow: (row: FinalRow) => void;
}

/**
 * Reads a final state, page by page, and account by account where it is asked so. What fails is asked again, with longer and
 * longer pauses, until the time is up. Returns why it could not be read to its end; undefined: it was.
 */
export async function readFinal(reader: FinalReader): Promise<string | undefined> {
  const { accounts, withinMs, signal } = reader;
  const deadlineMs = performance.now() + withinMs;
  try {
    let rows = 0;
    for (const account of accounts ?? [undefined]) rows = await readPages(reader, account, rows, deadlineMs);
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableRow || error instanceof NotRead) return error.message;
    if (signal.aborted) return 'the run was stopped';
    throw error;
  }
}

class NotRead extends Error {}

async function readPages(
  reader: FinalReader,
  account: string | undefined,
  rowsBefore: number,
  deadlineMs: number,
): Promise<number> {
  const { final, onRow } = reader;
  const { paging } = final;
  let after = paging?.from ?? '';
  let rows = rowsBefore;
  for (;;) {
    const items = await askPage(
      reader,
      { account: account ?? '', after, limit: String(paging?.limit ?? 0) },
      deadlineMs,
    );
    const page = rowsIn(items, final.rows);
    for (const row of page) onRow(finalRow(row, final.fields));
    rows += page.length;
    if (rows > MOST_ROWS) throw new NotRead(`it has more than ${MOST_ROWS} rows`);
    if (paging === undefined || page.length < paging.limit) return rows;
    const next = afterOf(page.at(-1), paging.after);
    if (next === after)
      throw new NotRead(`the page after ${after} ends at ${next} again: does the read use {{after}}?`);
    after = next;
  }
}

async function askPage(
  { ask, signal }: FinalReader,
  values: Readonly<Record<string, string>>,
  deadlineMs: number,
): Promise<readonly unknown[]> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    if (signal.aborted) throw new NotRead('the run was stopped');
    const { ok, status, items } = await ask(values);
    if (ok) return items;
    if (signal.aborted) throw new NotRead('the run was stopped');
    if (performance.now() + pauseMs >= deadlineMs) throw new NotRead(`it was not answered: ${status}`);
    await delay(pauseMs, undefined, { signal });
  }
}
