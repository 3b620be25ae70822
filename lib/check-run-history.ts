import { hash } from 'node:crypto';
import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { type WriteLine, decodeWriteLine } from '../scenarios/support/write-line.ts';
import { HistoryChecker } from './judge/history/check-history.ts';
import { lineBatches } from './line-batches.ts';
import type { FinalRow, HistoryFindings, HistoryObservation, Violation } from './observe/history/observation.ts';
import type { Observations } from './observe/observations.ts';
import type { Plan } from './plan/plan.ts';
import { RUN_FILES, finalStateFile, initialStateFile } from './run-folder.ts';

/** How k6 begins a line of its console. A message of ours has no quote in it: it ends at the next one. */
const CONSOLE_LINE = '{"level":"info","msg":"';

export interface RunHistory {
  readonly folder: string;
  readonly runId: string;
  readonly plan: Plan;
  readonly observations: Observations;
}

/**
 * Compares the run folder's writes with its final states, by the judge's own checker, and writes every violation into
 * violations.ndjson. Returns the observations with what was found, or with why nothing could be; the same where the plan doesn't
 * ask for it. For after a run, and for when it is judged again: the files are what counts.
 */
export async function withHistory(run: RunHistory): Promise<Observations> {
  const { plan, observations } = run;
  if (plan.history === undefined || observations.history === undefined) return observations;
  const { settled, finals } = observations.history;
  const seen: HistoryObservation = { settled, finals };
  try {
    return { ...observations, history: { ...seen, findings: await findingsOf(run, plan.history) } };
  } catch (error) {
    return { ...observations, history: { ...seen, problem: (error as Error).message } };
  }
}

/** The accounts that the load has written to, from the record. */
export async function accountsOf(folder: string): Promise<readonly string[]> {
  const accounts = new Set<string>();
  await eachWriteLine(join(folder, RUN_FILES.writes), (line) => {
    if (line.event === 'attempted' && !accounts.has(line.account)) accounts.add(copyOf(line.account));
  });
  accounts.delete('');
  return [...accounts];
}

async function findingsOf(run: RunHistory, history: NonNullable<Plan['history']>): Promise<HistoryFindings> {
  const { folder, runId, observations } = run;
  const { exit, clockStepMs } = observations.generator;
  using violations = openViolations(join(folder, RUN_FILES.violations));
  const checker = new HistoryChecker({
    history,
    sha256: (text) => hash('sha256', text, 'hex'),
    startEpochMs: observations.startEpochMs,
    clockStepMs,
    runId,
    isIncomplete: exit.code !== 0,
    otherKeys: observations.drills.flatMap(({ requests }) => requests.flatMap(({ key }) => key ?? [])),
    onViolation: violations.write,
  });
  const damaged = await eachWriteLine(join(folder, RUN_FILES.writes), (line) => checker.line(line));
  for (const { name, problem } of observations.history?.finals ?? []) {
    // What was not read to its end would look like losses.
    if (problem !== undefined) continue;
    const final = checker.final(name);
    const before = join(folder, initialStateFile(name));
    if (existsSync(before)) await eachRow(before, ({ id }) => final.before(id));
    await eachRow(join(folder, finalStateFile(name)), (row) => final.row(row));
  }
  return checker.finish(damaged);
}

/** Every line of the record in its order. Returns how many are damaged: the load generator's disk was full, for example. */
async function eachWriteLine(path: string, onLine: (line: WriteLine) => void): Promise<number> {
  let damaged = 0;
  // What needs it is percent-encoded: one byte is one character, which is the fastest to read.
  for await (const lines of lineBatches(path, 'latin1')) {
    for (const text of lines) {
      if (!text.startsWith(CONSOLE_LINE)) continue;
      const end = text.indexOf('"', CONSOLE_LINE.length);
      try {
        const line = decodeWriteLine(text.slice(CONSOLE_LINE.length, end === -1 ? undefined : end));
        if (line === undefined) continue;
        if (end === -1) throw new Error('a line that was cut off');
        onLine(line);
      } catch {
        damaged += 1;
      }
    }
  }
  return damaged;
}

function copyOf(text: string): string {
  return Buffer.from(text).toString();
}

async function eachRow(path: string, onRow: (row: FinalRow) => void): Promise<void> {
  for await (const lines of lineBatches(path)) {
    for (const line of lines) onRow(JSON.parse(line) as FinalRow);
  }
}

function openViolations(path: string): Disposable & { write: (violation: Violation) => void } {
  const descriptor = openSync(path, 'w');
  return {
    write: (violation) => void writeSync(descriptor, `${JSON.stringify(violation)}\n`),
    [Symbol.dispose]: () => closeSync(descriptor),
  };
}
