import type { ReadLine } from '../../../scenarios/support/write-line.ts';
import type { Violation, Violations } from '../../observe/history/observation.ts';
import { ViolationLog } from './violation-log.ts';
import type { WriteBook } from './write-book.ts';

/**
 * What has happened to an account so far, newest first. Records of virtual users that run side by side may be a little out of
 * order: a time that is before the one behind it is taken for the same, so that nothing is ever held to have been earlier than it was.
 */
interface Node {
  readonly atMs: number;
  /** How many writes were acknowledged up to here; or the most that a read up to here has shown. */
  readonly amount: number;
  readonly older: Node | undefined;
}

/**
 * Reads during the load: whoever reads must see what was acknowledged before (read your writes, and everybody else's), and no
 * less than an earlier read has shown (monotonic reads). Fed with the record, line by line.
 */
export class ReadCheck {
  readonly #book: WriteBook;
  readonly #withinMs: number;
  readonly #violations: ViolationLog;
  readonly #acknowledged = new Map<number, Node>();
  readonly #shown = new Map<number, Node>();
  readonly #describe: (write: number) => Partial<Violation>;
  #count = 0;

  constructor(options: {
    readonly book: WriteBook;
    /** So long a write may not be seen yet, a step of the clock included. */
    readonly withinMs: number;
    readonly describe: (write: number) => Partial<Violation>;
    readonly onViolation: (violation: Violation) => void;
  }) {
    this.#book = options.book;
    this.#withinMs = options.withinMs;
    this.#describe = options.describe;
    this.#violations = new ViolationLog(options.onViolation);
  }

  acknowledged(write: number): void {
    const account = this.#book.accountOf(write);
    push(this.#acknowledged, account, this.#book.acknowledgedMs(write), (newest) => (newest?.amount ?? 0) + 1);
  }

  read(line: ReadLine): void {
    this.#count += 1;
    const { key, id, account } = line;
    if (key !== '' || id !== '') this.#readOne(line);
    else if (account !== '') this.#readAccount(line);
  }

  finish(): { readonly count: number; readonly violations: Violations } {
    return { count: this.#count, violations: this.#violations.of('stale') };
  }

  #readOne({ kind, key, id, attemptedMs, seen }: ReadLine): void {
    const write = id === '' ? this.#book.findKey(kind, key) : this.#book.find(id);
    if (seen !== 0 || write === -1) return;
    const agoMs = attemptedMs - this.#book.acknowledgedMs(write);
    if (agoMs <= this.#withinMs) return;
    const found = `not found by a read that began ${agoMs} ms after its acknowledgement`;
    this.#violations.add({ check: 'stale', id: id === '' ? key : id, ...this.#describe(write), found });
  }

  #readAccount({ account, attemptedMs, atMs, seen, limit }: ReadLine): void {
    const index = this.#book.findAccount(account);
    if (index === -1) return;
    const before = attemptedMs - this.#withinMs;
    const written = amountBefore(this.#acknowledged.get(index), before);
    const shown = amountBefore(this.#shown.get(index), before);
    const least = Math.min(Math.max(written, shown), limit === 0 ? Infinity : limit);
    push(this.#shown, index, atMs, (newest) => Math.max(newest?.amount ?? 0, seen));
    if (seen >= least) return;
    const why = written >= shown ? `${written} were acknowledged before it began` : `an earlier one has shown ${shown}`;
    this.#violations.add({
      check: 'stale',
      id: account,
      account,
      found: `a read has shown ${seen} writes, but ${why}`,
    });
  }
}

function push(
  nodes: Map<number, Node>,
  account: number,
  atMs: number,
  amount: (newest: Node | undefined) => number,
): void {
  const newest = nodes.get(account);
  nodes.set(account, { atMs: Math.max(atMs, newest?.atMs ?? -Infinity), amount: amount(newest), older: newest });
}

/** What surely had happened before a time. */
function amountBefore(newest: Node | undefined, beforeMs: number): number {
  let node = newest;
  while (node !== undefined && node.atMs >= beforeMs) node = node.older;
  return node?.amount ?? 0;
}
