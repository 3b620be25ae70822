import type { AttemptedLine, OutcomeLine } from '../../../scenarios/support/write-line.ts';
import type { WriteCounts, WriteState } from '../../observe/history/observation.ts';
import type { HistoryPlan, Identity } from '../../plan/schema/history.ts';
import { TextIndex } from './text-index.ts';

/** Lower-case hex of the SHA-256 of a text; given, since the judge does no more than judge. */
export type Sha256 = (text: string) => string;

/** A key's tag in the index is its kind. */
const MOST_KINDS = 255;

/** What its attempts have come to; each attempt of the same key adds to it. */
const ACKNOWLEDGED = 1;
const REFUSED = 2;
const INDETERMINATE = 4;

/**
 * What the load has attempted, write by write, numbered in the order in which they were first attempted. One column for each
 * thing that is known of them: a million writes are a dozen arrays, not a million objects.
 */
export class WriteBook {
  readonly #identities: ReadonlyMap<string, Identity>;
  readonly #sha256: Sha256;
  readonly #kinds = new TextIndex();
  readonly #keys = new TextIndex();
  readonly #accounts = new TextIndex();
  readonly #operations = new TextIndex();
  readonly #values = new TextIndex();
  /** Ids that are no keys, and the write that each belongs to. */
  readonly #ids = new TextIndex();
  readonly #writeOfId: number[] = [];
  /** Of writes whose acknowledgement gave it. */
  readonly #idOf = new Map<number, number>();
  /** By kind. */
  readonly #byKind: (Identity | undefined)[] = [];
  readonly #kindOf: number[] = [];
  readonly #accountOf: number[] = [];
  readonly #operationOf: number[] = [];
  readonly #valueOf: number[] = [];
  readonly #vus: number[] = [];
  readonly #attempted: number[] = [];
  readonly #acknowledged: number[] = [];
  readonly #came: number[] = [];
  /** Attempts of which nothing has come yet. */
  readonly #open: number[] = [];
  readonly #sharing = new Map<number, number>();
  #lastKind: string | undefined;
  #lastIndex = -1;

  constructor({ writes }: Pick<HistoryPlan, 'writes'>, sha256: Sha256) {
    this.#identities = new Map(Object.entries(writes).map(([kind, { identity }]) => [kind, identity]));
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#attempted.length;
  }

  attempt({ kind, key, atMs, account, value, vu, operation }: AttemptedLine): void {
    const kindIndex = this.#kind(kind);
    const identity = this.#byKind[kindIndex];
    if (identity === undefined) return;
    const before = this.#keys.size;
    const write = this.#keys.add(key, kindIndex);
    if (write < before) {
      this.#open[write] = (this.#open[write] as number) + 1;
      this.#attempted[write] = Math.min(this.#attempted[write] as number, atMs);
      return;
    }
    this.#append(
      kindIndex,
      atMs,
      this.#accounts.add(account),
      this.#values.add(value),
      vu,
      this.#operations.add(operation),
    );
    this.#open[write] = 1;
    if (typeof identity === 'object') this.#setId(write, this.#derive(identity, key));
  }

  /** The write that it belongs to, where it has just become acknowledged; −1: it has not. */
  outcome({ event, kind, key, atMs, id, value }: OutcomeLine): number {
    const kindIndex = this.#kind(kind);
    const identity = this.#byKind[kindIndex];
    if (identity === undefined) return -1;
    let write = this.#keys.find(key, kindIndex);
    if (write === -1) {
      // Its attempt's line is lost: nobody knows when it began.
      this.attempt({ event: 'attempted', kind, key, atMs: -Infinity, account: '', value: '', vu: 0, operation: '' });
      write = this.#keys.find(key, kindIndex);
    }
    this.#open[write] = (this.#open[write] as number) - 1;
    if (value !== '' && this.valueOf(write) === '') this.#valueOf[write] = this.#values.add(value);
    const came = this.#came[write] as number;
    switch (event) {
      case 'acknowledged': {
        if (identity === 'id' && id !== '' && !this.#idOf.has(write)) this.#setId(write, id);
        this.#came[write] = came | ACKNOWLEDGED;
        if (came & ACKNOWLEDGED) return -1;
        this.#acknowledged[write] = atMs;
        return write;
      }
      case 'refused':
        this.#came[write] = came | REFUSED;
        return -1;
      case 'indeterminate':
        this.#came[write] = came | INDETERMINATE;
        return -1;
      default:
        return event satisfies never;
    }
  }

  /** The write whose row has this id; −1: there is none. */
  find(id: string): number {
    const known = this.#ids.find(id);
    if (known !== -1) return this.#writeOfId[known] as number;
    for (let kind = 0; kind < this.#byKind.length; kind += 1) {
      const write = this.#byKind[kind] === 'key' ? this.#keys.find(id, kind) : -1;
      if (write !== -1) return write;
    }
    return -1;
  }

  findKey(kind: string, key: string): number {
    const index = this.#kinds.find(kind);
    return index === -1 ? -1 : this.#keys.find(key, index);
  }

  /** The ids that rows of these keys would have, whatever kind they are of. */
  idsOf(key: string): readonly string[] {
    const identities = this.#identities.size === 0 ? (['key'] as const) : [...this.#identities.values()];
    return identities.map((identity) => (typeof identity === 'object' ? this.#derive(identity, key) : key));
  }

  /** The id by which a write's row is found; undefined: its acknowledgement gave none. */
  idOf(write: number): string | undefined {
    const identity = this.#byKind[this.#kindOf[write] as number];
    if (typeof identity === 'object') return this.#derive(identity, this.keyOf(write));
    if (identity === 'key') return this.keyOf(write);
    const id = this.#idOf.get(write);
    return id === undefined ? undefined : this.#ids.textOf(id);
  }

  hasId(write: number): boolean {
    return this.#byKind[this.#kindOf[write] as number] !== 'id' || this.#idOf.has(write);
  }

  stateOf(write: number): WriteState {
    const came = this.#came[write] as number;
    if (came & ACKNOWLEDGED) return 'acknowledged';
    return came === REFUSED && (this.#open[write] as number) <= 0 ? 'refused' : 'indeterminate';
  }

  /** An earlier write that was given the same id. */
  sharesWith(write: number): number | undefined {
    return this.#sharing.get(write);
  }

  keyOf(write: number): string {
    return this.#keys.textOf(write);
  }
  kindOf(write: number): string {
    return this.#kinds.textOf(this.#kindOf[write] as number);
  }
  /** The number of its account. */
  accountOf(write: number): number {
    return this.#accountOf[write] as number;
  }
  accountNameOf(write: number): string {
    return this.#accounts.textOf(this.accountOf(write));
  }
  /** Undefined: the scenario has not told whose it is. */
  isOf(write: number, account: string): boolean | undefined {
    return this.#told(this.#accounts, this.accountOf(write), account);
  }
  /** Undefined: the scenario has not told what it has written. */
  hasValue(write: number, value: string): boolean | undefined {
    return this.#told(this.#values, this.#valueOf[write] as number, value);
  }
  /** −1: the load has not written to it. */
  findAccount(name: string): number {
    return this.#accounts.find(name);
  }
  /** Whether an account is one that the load has written to; where the scenario tells no accounts, any may be. */
  isTouched(name: string): boolean {
    const named = this.#accounts.size - (this.findAccount('') === -1 ? 0 : 1);
    return named === 0 || this.findAccount(name) !== -1;
  }
  operationOf(write: number): string {
    return this.#operations.textOf(this.#operationOf[write] as number);
  }
  /** What was written; empty: not known. */
  valueOf(write: number): string {
    return this.#values.textOf(this.#valueOf[write] as number);
  }
  vuOf(write: number): number {
    return this.#vus[write] as number;
  }
  attemptedMs(write: number): number {
    return this.#attempted[write] as number;
  }
  /** Infinity: never. */
  acknowledgedMs(write: number): number {
    return this.#acknowledged[write] as number;
  }

  /** Of these kinds; undefined: of all. */
  counts(kinds?: readonly string[]): WriteCounts {
    const counts = { attempted: 0, acknowledged: 0, refused: 0, indeterminate: 0 };
    const belongs = this.belongsTo(kinds);
    for (let write = 0; write < this.size; write += 1) {
      if (!belongs(write)) continue;
      counts.attempted += 1;
      counts[this.stateOf(write)] += 1;
    }
    return counts;
  }

  /** Whether a write is of one of these kinds. */
  belongsTo(kinds: readonly string[] | undefined): (write: number) => boolean {
    if (kinds === undefined) return () => true;
    return (write) => kinds.includes(this.kindOf(write));
  }

  #told(texts: TextIndex, index: number, text: string): boolean | undefined {
    return texts.equals(index, '') ? undefined : texts.equals(index, text);
  }

  #kind(kind: string): number {
    // Most lines are about the same kind as the one before.
    if (kind === this.#lastKind) return this.#lastIndex;
    const index = this.#kinds.add(kind);
    [this.#lastKind, this.#lastIndex] = [kind, index];
    if (index === this.#byKind.length) {
      if (index > MOST_KINDS) throw new Error(`the record has more than ${MOST_KINDS} kinds of writes`);
      this.#byKind.push(this.#identities.size === 0 ? 'key' : this.#identities.get(kind));
    }
    return index;
  }

  #append(kind: number, atMs: number, account: number, value: number, vu: number, operation: number): void {
    this.#kindOf.push(kind);
    this.#accountOf.push(account);
    this.#operationOf.push(operation);
    this.#valueOf.push(value);
    this.#vus.push(vu);
    this.#attempted.push(atMs);
    this.#acknowledged.push(Infinity);
    this.#came.push(0);
    this.#open.push(0);
  }

  #setId(write: number, id: string): void {
    const before = this.#ids.size;
    const index = this.#ids.add(id);
    if (index < before) this.#sharing.set(write, this.#writeOfId[index] as number);
    else this.#writeOfId.push(write);
    if (typeof this.#byKind[this.#kindOf[write] as number] !== 'object') this.#idOf.set(write, index);
  }

  #derive({ prefix, bytes }: Extract<Identity, { hash: unknown }>, key: string): string {
    return this.#sha256(prefix + key).slice(0, bytes * 2);
  }
}
