import type { AttemptedLine, OutcomeLine } from '../../../scenarios/support/write-line.ts';
import type { WriteCounts, WriteState } from '../../observe/history/observation.ts';
import type { HistoryPlan, Identity } from '../../plan/schema/history.ts';
import { TextIndex } from './text-index.ts';
import { WriteColumns } from './write-columns.ts';

/** Lower-case hex of the SHA-256 of a text; given, since the judge does no more than judge. */
export type Sha256 = (text: string) => string;

/** A key's tag in the index is its kind. */
const MOST_KINDS = 255;

/** What its attempts have come to; each attempt of the same key adds to it. */
const ACKNOWLEDGED = 1;
const REFUSED = 2;
const INDETERMINATE = 4;

/** What the load has attempted, write by write, numbered in the order in which they were first attempted. */
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
  readonly #of = new WriteColumns();
  readonly #sharing = new Map<number, number>();
  /** By kind: writes of whose attempts nothing has come yet, by their keys. Few, and so faster to find than among all. */
  readonly #inFlight: (Map<string, number> | undefined)[] = [];
  #lastKind: string | undefined;
  #lastIndex = -1;

  constructor({ writes }: Pick<HistoryPlan, 'writes'>, sha256: Sha256) {
    this.#identities = new Map(Object.entries(writes).map(([kind, { identity }]) => [kind, identity]));
    this.#sha256 = sha256;
  }

  get size(): number {
    return this.#of.size;
  }

  attempt({ kind, key, atMs, account, value, vu, operation }: AttemptedLine): void {
    const kindIndex = this.#kind(kind);
    const identity = this.#byKind[kindIndex];
    if (identity === undefined) return;
    const [write, isNew] = this.#number(identity, kindIndex, key);
    if (!isNew) {
      this.#of.open[write] = (this.#of.open[write] as number) + 1;
      this.#of.attemptedMs[write] = Math.min(this.#of.attemptedMs[write] as number, atMs);
      return;
    }
    const of = this.#of;
    of.next();
    of.kind[write] = kindIndex;
    of.account[write] = this.#accounts.add(account);
    of.value[write] = this.#values.add(value);
    of.operation[write] = this.#operations.add(operation);
    of.vu[write] = vu;
    of.attemptedMs[write] = atMs;
    of.open[write] = 1;
  }

  /** The write that it belongs to, where it has just become acknowledged; −1: it has not. */
  outcome({ event, kind, key, atMs, id, value }: OutcomeLine): number {
    const kindIndex = this.#kind(kind);
    const identity = this.#byKind[kindIndex];
    if (identity === undefined) return -1;
    let write = this.#find(identity, kindIndex, key);
    if (write === -1) {
      // Its attempt's line is lost: nobody knows when it began.
      this.attempt({ event: 'attempted', kind, key, atMs: -Infinity, account: '', value: '', vu: 0, operation: '' });
      write = this.#find(identity, kindIndex, key);
    }
    this.#of.open[write] = (this.#of.open[write] as number) - 1;
    if ((this.#of.open[write] as number) <= 0) this.#inFlight[kindIndex]?.delete(key);
    if (value !== '' && this.valueOf(write) === '') this.#of.value[write] = this.#values.add(value);
    const came = this.#of.came[write] as number;
    switch (event) {
      case 'acknowledged': {
        if (identity === 'id' && id !== '' && !this.#idOf.has(write)) this.#setId(write, id);
        this.#of.came[write] = came | ACKNOWLEDGED;
        if (came & ACKNOWLEDGED) return -1;
        this.#of.acknowledgedMs[write] = atMs;
        return write;
      }
      case 'refused':
        this.#of.came[write] = came | REFUSED;
        return -1;
      case 'indeterminate':
        this.#of.came[write] = came | INDETERMINATE;
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
    const identity = this.#byKind[index];
    return identity === undefined ? -1 : this.#find(identity, index, key);
  }

  /** The ids that rows of these keys would have, whatever kind they are of. */
  idsOf(key: string): readonly string[] {
    const identities = this.#identities.size === 0 ? (['key'] as const) : [...this.#identities.values()];
    return identities.map((identity) => (typeof identity === 'object' ? this.#derive(identity, key) : key));
  }

  /** The id by which a write's row is found; undefined: its acknowledgement gave none. */
  idOf(write: number): string | undefined {
    const identity = this.#byKind[this.#of.kind[write] as number];
    if (typeof identity === 'object') return this.#derive(identity, this.keyOf(write));
    if (identity === 'key') return this.keyOf(write);
    const id = this.#idOf.get(write);
    return id === undefined ? undefined : this.#ids.textOf(id);
  }

  hasId(write: number): boolean {
    return this.#byKind[this.#of.kind[write] as number] !== 'id' || this.#idOf.has(write);
  }

  stateOf(write: number): WriteState {
    const came = this.#of.came[write] as number;
    if (came & ACKNOWLEDGED) return 'acknowledged';
    return came === REFUSED && (this.#of.open[write] as number) <= 0 ? 'refused' : 'indeterminate';
  }

  /** An earlier write that was given the same id. */
  sharesWith(write: number): number | undefined {
    return this.#sharing.get(write);
  }

  keyOf(write: number): string {
    return this.#keys.textOf(write);
  }
  kindOf(write: number): string {
    return this.#kinds.textOf(this.#of.kind[write] as number);
  }
  /** The number of its account. */
  accountOf(write: number): number {
    return this.#of.account[write] as number;
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
    return this.#told(this.#values, this.#of.value[write] as number, value);
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
    return this.#operations.textOf(this.#of.operation[write] as number);
  }
  /** What was written; empty: not known. */
  valueOf(write: number): string {
    return this.#values.textOf(this.#of.value[write] as number);
  }
  vuOf(write: number): number {
    return this.#of.vu[write] as number;
  }
  attemptedMs(write: number): number {
    return this.#of.attemptedMs[write] as number;
  }
  /** Infinity: never. */
  acknowledgedMs(write: number): number {
    return this.#of.acknowledgedMs[write] as number;
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
    return texts.isEmpty(index) ? undefined : texts.equals(index, text);
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

  /** The number of a write that is attempted, and whether it is the first attempt. */
  #number(identity: Identity, kind: number, key: string): readonly [write: number, isNew: boolean] {
    const { size } = this;
    const inFlight = (this.#inFlight[kind] ??= new Map());
    if (typeof identity !== 'object') {
      const write = this.#keys.add(key, kind);
      inFlight.set(key, write);
      return [write, write === size];
    }
    // It is found by its id, or while it is in flight: its key need not be found by itself.
    const index = this.#ids.add(this.#derive(identity, key));
    const known = this.#writeOfId[index];
    const isKnown = known !== undefined && this.#of.kind[known] === kind;
    const write = isKnown ? known : this.#keys.append(key, kind);
    if (known === undefined) this.#writeOfId.push(write);
    else if (!isKnown) this.#sharing.set(write, known);
    inFlight.set(key, write);
    return [write, !isKnown];
  }

  #find(identity: Identity, kind: number, key: string): number {
    const inFlight = this.#inFlight[kind]?.get(key);
    if (inFlight !== undefined) return inFlight;
    if (typeof identity !== 'object') return this.#keys.find(key, kind);
    const index = this.#ids.find(this.#derive(identity, key));
    const write = index === -1 ? -1 : (this.#writeOfId[index] as number);
    return write !== -1 && this.#of.kind[write] === kind ? write : -1;
  }

  /** The id that an acknowledgement gave. */
  #setId(write: number, id: string): void {
    const before = this.#ids.size;
    const index = this.#ids.add(id);
    if (index < before) this.#sharing.set(write, this.#writeOfId[index] as number);
    else this.#writeOfId.push(write);
    this.#idOf.set(write, index);
  }

  #derive({ prefix, bytes }: Extract<Identity, { hash: unknown }>, key: string): string {
    return this.#sha256(prefix + key).slice(0, bytes * 2);
  }
}
