import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { FinalPlan, HistoryPlan, SettleHook } from '../../plan/schema/history.ts';
import { finalStateFile, initialStateFile } from '../../run-folder.ts';
import type { FinalObservation, FinalRow, HistoryObservation } from './observation.ts';
import { type PageAnswer, readFinal } from './read-final.ts';
import { settle } from './settle.ts';

/** Lines are written together. */
const BUFFERED_LINES = 1_000;

export interface HistoryContext {
  readonly history: HistoryPlan;
  /** The run folder. */
  readonly folder: string;
  readonly ask: (final: FinalPlan, values: Readonly<Record<string, string>>) => Promise<PageAnswer>;
  readonly readSettle: (hook: SettleHook) => Promise<unknown>;
  readonly titleOf: (hook: SettleHook) => string;
  readonly nowMs: () => number;
  readonly progress: (message: string) => void;
  readonly signal: AbortSignal;
}

/** What was there before the load, by final state: how many rows, or why they could not be read. */
export type Initial = ReadonlyMap<string, { readonly rows: number; readonly problem?: string }>;

/** Before the load: what is there already is not the run's. Written to initial-state-<name>.ndjson. */
export async function readInitialStates(context: HistoryContext): Promise<Initial> {
  const initial = new Map<string, { readonly rows: number; readonly problem?: string }>();
  for (const [name, final] of Object.entries(context.history.finals)) {
    if (final.initial !== 'read') continue;
    initial.set(name, await readState(final, initialStateFile(name), undefined, context));
  }
  return initial;
}

/**
 * After the load, while the system is up and nothing disturbs it any more: waits until nothing is on its way, then reads each
 * final state and writes it to final-state-<name>.ndjson. `accounts` are those that the load has written to.
 */
export async function readFinalStates(
  initial: Initial,
  accounts: () => Promise<readonly string[]>,
  context: HistoryContext,
): Promise<HistoryObservation> {
  const { history, progress, nowMs } = context;
  if (history.settle.length > 0) progress('waiting until what was written has arrived everywhere');
  const settled = await settle(history.settle, {
    read: context.readSettle,
    titleOf: context.titleOf,
    withinMs: history.settleWithin,
    signal: context.signal,
  });
  const finals: FinalObservation[] = [];
  for (const [name, final] of Object.entries(history.finals)) {
    progress(`reading the final state of ${name}`);
    const startMs = nowMs();
    const only = asksByAccount(final) ? await accounts() : undefined;
    const { rows, problem } = await readState(final, finalStateFile(name), only, context);
    const before = initial.get(name);
    const why = before?.problem === undefined ? problem : `before the load: ${before.problem}`;
    finals.push({
      name,
      startMs,
      endMs: nowMs(),
      rows,
      ...(before === undefined ? {} : { initialRows: before.rows }),
      ...(why === undefined ? {} : { problem: why }),
    });
  }
  return { settled, finals };
}

export function asksByAccount({ read }: FinalPlan): boolean {
  return JSON.stringify(read).includes('{{account}}');
}

async function readState(
  final: FinalPlan,
  file: string,
  accounts: readonly string[] | undefined,
  { ask, folder, history, signal }: HistoryContext,
): Promise<{ readonly rows: number; readonly problem?: string }> {
  using lines = openLines(join(folder, file));
  const problem = await readFinal({
    final,
    ask: (values) => ask(final, values),
    ...(accounts === undefined ? {} : { accounts }),
    withinMs: history.readWithin,
    signal,
    onRow: lines.write,
  });
  return { rows: lines.count(), ...(problem === undefined ? {} : { problem }) };
}

function openLines(path: string): Disposable & { write: (row: FinalRow) => void; count: () => number } {
  const descriptor = openSync(path, 'w');
  let count = 0;
  let buffered: string[] = [];
  const flush = (): void => {
    if (buffered.length > 0) writeSync(descriptor, `${buffered.join('\n')}\n`);
    buffered = [];
  };
  return {
    write(row) {
      buffered.push(JSON.stringify(row));
      count += 1;
      if (buffered.length === BUFFERED_LINES) flush();
    },
    count: () => count,
    [Symbol.dispose]() {
      flush();
      closeSync(descriptor);
    },
  };
}
