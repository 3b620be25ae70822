import type { WriteLine } from '../../../scenarios/support/write-line.ts';
import type { FinalRow, HistoryFindings, Violation } from '../../observe/history/observation.ts';
import type { HistoryPlan } from '../../plan/schema/history.ts';
import { FinalCheck } from './final-check.ts';
import { OwnKeys } from './own-keys.ts';
import { ReadCheck } from './read-check.ts';
import { type Sha256, WriteBook } from './write-book.ts';

export interface HistoryCheckOptions {
  readonly history: HistoryPlan;
  readonly sha256: Sha256;
  /** Unix milliseconds: the zero of the times that are reported. */
  readonly startEpochMs: number;
  /** The largest step of the wall clock during the run: times closer than that have no order. */
  readonly clockStepMs?: number;
  readonly runId: string;
  /** Whether the load generator died, so that its last records may have been lost. */
  readonly isIncomplete?: boolean;
  /** Keys that something else than the load has written with: drills. */
  readonly otherKeys?: readonly string[];
  /** Gets every violation; the findings only have the first of each kind. */
  readonly onViolation?: (violation: Violation) => void;
}

/**
 * The history checker (RBK-1, HRN-8): first every line of the record in its order, then the rows of one final state after the
 * other, then `finish`. One pass over each, linear in time; in memory linear in the number of writes.
 */
export class HistoryChecker {
  readonly #options: HistoryCheckOptions;
  readonly #book: WriteBook;
  readonly #reads: ReadCheck;
  readonly #keys: OwnKeys;
  readonly #finals: FinalCheck[] = [];
  #elsewhere: ReadonlySet<string> | undefined;

  constructor(options: HistoryCheckOptions) {
    const { history, sha256, runId, clockStepMs = 0, onViolation = () => {} } = options;
    this.#options = { ...options, onViolation };
    this.#book = new WriteBook(history, sha256);
    this.#keys = new OwnKeys(this.#book, runId);
    this.#reads = new ReadCheck({
      book: this.#book,
      withinMs: (history.reads?.within ?? 0) + Math.abs(clockStepMs),
      describe: (write) => this.#describe(write),
      onViolation,
    });
  }

  line(line: WriteLine): void {
    switch (line.event) {
      case 'attempted':
        this.#book.attempt(line);
        break;
      case 'acknowledged':
      case 'refused':
      case 'indeterminate': {
        const write = this.#book.outcome(line);
        if (write !== -1 && this.#options.history.reads !== undefined) this.#reads.acknowledged(write);
        break;
      }
      case 'read':
        if (this.#options.history.reads !== undefined) this.#reads.read(line);
        break;
      default:
        line satisfies never;
    }
  }

  /** For the rows of one final state: first those that were there before the load, then those after it. */
  final(name: string): { before(id: string): void; row(row: FinalRow): void } {
    const { history, clockStepMs = 0, isIncomplete = false, otherKeys = [], onViolation = () => {} } = this.#options;
    const plan = history.finals[name];
    if (plan === undefined) throw new Error(`the plan has no final state "${name}"`);
    this.#elsewhere ??= new Set(otherKeys.flatMap((key) => [key, ...this.#book.idsOf(key)]));
    const elsewhere = this.#elsewhere;
    const check = new FinalCheck({
      book: this.#book,
      name,
      plan,
      mayBeUnrecorded: (id) => isIncomplete && this.#keys.mayBeUnrecorded(id),
      isOwn: (id) => this.#keys.isOwn(id),
      isElsewhere: (id) => elsewhere.has(id),
      clockStepMs,
      describe: (write) => this.#describe(write),
      onViolation,
    });
    this.#finals.push(check);
    return check;
  }

  finish(damaged = 0): HistoryFindings {
    return {
      writes: this.#book.counts(),
      damaged,
      finals: this.#finals.map((final) => final.finish((write) => this.#whereElse(final, write))),
      reads: this.#reads.finish(),
    };
  }

  /** ", but in candidate" */
  #whereElse(final: FinalCheck, write: number): string {
    const has = this.#finals.filter((other) => other !== final && other.has(write)).map(({ name }) => name);
    return has.length === 0 ? '' : `, but in ${has.join(' and ')}`;
  }

  #describe(write: number): Partial<Violation> {
    const book = this.#book;
    const { startEpochMs } = this.#options;
    const [attemptedMs, acknowledgedMs] = [book.attemptedMs(write), book.acknowledgedMs(write)];
    const [account, operation] = [book.accountNameOf(write), book.operationOf(write)];
    return {
      kind: book.kindOf(write),
      key: book.keyOf(write),
      ...(account === '' ? {} : { account }),
      state: book.stateOf(write),
      ...(Number.isFinite(attemptedMs) ? { attemptedMs: attemptedMs - startEpochMs } : {}),
      ...(Number.isFinite(acknowledgedMs) ? { acknowledgedMs: acknowledgedMs - startEpochMs } : {}),
      vu: book.vuOf(write),
      ...(operation === '' ? {} : { operation }),
    };
  }
}

/** The whole check of what is in memory already. */
export function checkHistory(
  options: HistoryCheckOptions,
  lines: Iterable<WriteLine>,
  finals: Readonly<Record<string, { readonly before?: Iterable<string>; readonly rows: Iterable<FinalRow> }>>,
): HistoryFindings {
  const checker = new HistoryChecker(options);
  for (const line of lines) checker.line(line);
  for (const [name, { before = [], rows }] of Object.entries(finals)) {
    const final = checker.final(name);
    for (const id of before) final.before(id);
    for (const row of rows) final.row(row);
  }
  return checker.finish();
}
