import type { FinalFindings, FinalRow, HistoryCheck, Violation } from '../../observe/history/observation.ts';
import type { FinalPlan } from '../../plan/schema/history.ts';
import { RealTimeOrder } from './real-time-order.ts';
import { ViolationLog } from './violation-log.ts';
import type { WriteBook } from './write-book.ts';

/** How many ids that are nobody's are kept for a hint. */
const STRANGERS = 3;

export interface FinalCheckOptions {
  readonly book: WriteBook;
  readonly name: string;
  readonly plan: FinalPlan;
  /** Whether a row that nobody is known to have written may be of a write whose record is lost. */
  readonly mayBeUnrecorded: (id: string) => boolean;
  /** Whether an id is a key of this run. */
  readonly isOwn: (id: string) => boolean;
  /** Whether something else than the load has written it. */
  readonly isElsewhere: (id: string) => boolean;
  /** By how much times may be off: a step of the clock. */
  readonly clockStepMs: number;
  /** What the book knows of a write. */
  readonly describe: (write: number) => Partial<Violation>;
  readonly onViolation: (violation: Violation) => void;
}

/** Compares one final state, row by row, with what was attempted. Rows come in the order of the read. */
export class FinalCheck {
  readonly name: string;
  readonly #options: FinalCheckOptions;
  readonly #violations: ViolationLog;
  readonly #order: RealTimeOrder | undefined;
  readonly #belongs: (write: number) => boolean;
  readonly #initial = new Set<string>();
  /** How often each write's row was there (255 and more are 255). */
  readonly #times: Uint8Array;
  readonly #strangers: string[] = [];
  /** Writes without an id that explain rows without a write, by account and value. */
  #unidentified: Map<string, number> | undefined;
  #rows = 0;
  #matched = 0;
  #before = 0;
  #foreign = 0;
  #unrecorded = 0;
  #compared = 0;

  constructor(options: FinalCheckOptions) {
    const { book, plan, clockStepMs } = options;
    this.name = options.name;
    this.#options = options;
    this.#violations = new ViolationLog(options.onViolation);
    this.#belongs = book.belongsTo(plan.kinds);
    this.#times = new Uint8Array(book.size);
    this.#order = plan.fields.order === undefined ? undefined : new RealTimeOrder(book, clockStepMs);
  }

  /** A row that was there before the load. All of them come before the others. */
  before(id: string): void {
    this.#initial.add(id);
  }

  row(row: FinalRow): void {
    this.#rows += 1;
    const { book } = this.#options;
    const write = book.find(row.id);
    if (write === -1) return this.#unknown(row);
    if (!this.#belongs(write)) {
      this.#foreign += 1;
      return;
    }
    this.#matched += 1;
    const times = (this.#times[write] as number) + 1;
    this.#times[write] = Math.min(times, 255);
    if (times === 2) this.#violate('duplicated', row.id, 'there more than once', write);
    if (times > 1) return;
    this.#compare(row, write);
    if (book.stateOf(write) === 'refused' && !this.#initial.has(row.id)) {
      this.#violate('unexpected', row.id, 'refused, and there all the same', write);
    }
    this.#order?.add(write, row);
  }

  /** Whether the final state has a write's row. */
  has(write: number): boolean {
    return this.#times[write] !== 0;
  }

  /** After the last row. `elsewhere` tells, for people, where else a lost write is or is not. */
  finish(elsewhere: (write: number) => string): FinalFindings {
    const { book, name, plan } = this.#options;
    let unidentified = 0;
    for (let write = 0; write < book.size; write += 1) {
      if (book.stateOf(write) !== 'acknowledged' || !this.#belongs(write)) continue;
      const other = book.sharesWith(write);
      if (!book.hasId(write)) unidentified += 1;
      else if (other !== undefined) this.#lost(write, `has the id of ${book.keyOf(other)}`);
      else if (!this.has(write)) this.#lost(write, `not there${elsewhere(write)}`);
    }
    const ordered =
      this.#order?.finish((write, after, found) => {
        this.#violate('reordered', book.idOf(write) ?? book.keyOf(write), `${found} ${book.keyOf(after)}`, write);
      }) ?? 0;
    const checks: readonly HistoryCheck[] = ['lost', 'unexpected', 'duplicated', 'corrupt', 'reordered'];
    return {
      name,
      writes: book.counts(plan.kinds),
      rows: this.#rows,
      matched: this.#matched,
      before: this.#before,
      foreign: this.#foreign,
      unrecorded: this.#unrecorded,
      unidentified,
      compared: this.#compared,
      ordered,
      strangers: this.#strangers,
      violations: Object.fromEntries(checks.map((check) => [check, this.#violations.of(check)])),
    };
  }

  #compare({ id, account, value }: FinalRow, write: number): void {
    const { book } = this.#options;
    const isAccount = account === undefined ? undefined : book.isOf(write, account);
    const isValue = value === undefined ? undefined : book.hasValue(write, value);
    if (isAccount !== undefined || isValue !== undefined) this.#compared += 1;
    if (isAccount !== false && isValue !== false) return;
    const wrong = [
      ...(isAccount === false ? [`account ${account}`] : []),
      ...(isValue === false ? [`value ${value} instead of ${book.valueOf(write)}`] : []),
    ];
    this.#violate('corrupt', id, wrong.join(', '), write);
  }

  /** A row of nobody's: there before, another's, perhaps of a write that is not known well enough; or one too many. */
  #unknown(row: FinalRow): void {
    const { book, plan, isOwn, isElsewhere, mayBeUnrecorded } = this.#options;
    const { id, account } = row;
    if (this.#initial.has(id)) this.#before += 1;
    else if (isElsewhere(id)) this.#foreign += 1;
    else if (!isOwn(id) && (plan.initial === 'unknown' || (account !== undefined && !book.isTouched(account)))) {
      this.#foreign += 1;
    } else if (mayBeUnrecorded(id) || this.#explained(row)) this.#unrecorded += 1;
    else {
      if (this.#strangers.length < STRANGERS) this.#strangers.push(id);
      const { value } = row;
      const found = value === undefined ? 'nobody has written it' : `nobody has written it (value ${value})`;
      this.#violate('unexpected', id, found, undefined, account === undefined ? {} : { account });
    }
  }

  /** Where acknowledgements give the ids: a write without one may be what the row is of, if account and value fit. */
  #explained({ account, value }: FinalRow): boolean {
    this.#unidentified ??= this.#countUnidentified();
    const left = this.#unidentified.get(fits(account, value)) ?? 0;
    if (left > 0) this.#unidentified.set(fits(account, value), left - 1);
    return left > 0;
  }

  #countUnidentified(): Map<string, number> {
    const { book, plan } = this.#options;
    const counts = new Map<string, number>();
    for (let write = 0; write < book.size; write += 1) {
      if (!this.#belongs(write) || book.stateOf(write) === 'refused' || book.hasId(write)) continue;
      const account = plan.fields.account === undefined ? undefined : book.accountNameOf(write);
      const value = plan.fields.value === undefined ? undefined : book.valueOf(write);
      counts.set(fits(account, value), (counts.get(fits(account, value)) ?? 0) + 1);
    }
    return counts;
  }

  #lost(write: number, found: string): void {
    this.#violate('lost', this.#options.book.idOf(write) ?? '', found, write);
  }

  #violate(
    check: HistoryCheck,
    id: string,
    found: string,
    write: number | undefined,
    more: Partial<Violation> = {},
  ): void {
    const { name, describe } = this.#options;
    this.#violations.add({
      check,
      final: name,
      id,
      ...(write === undefined ? {} : describe(write)),
      ...more,
      found,
    });
  }
}

function fits(account: string | undefined, value: string | undefined): string {
  return JSON.stringify([account, value]);
}
