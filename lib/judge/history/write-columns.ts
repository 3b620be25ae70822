/** What is known of writes, one column for each thing: a million of them are nine arrays of numbers, not a million objects. */
export class WriteColumns {
  size = 0;
  kind = new Uint8Array(1 << 10);
  account = new Uint32Array(1 << 10);
  operation = new Uint32Array(1 << 10);
  value = new Uint32Array(1 << 10);
  vu = new Uint32Array(1 << 10);
  /** What its attempts have come to. */
  came = new Uint8Array(1 << 10);
  /** Attempts of which nothing has come yet. */
  open = new Int32Array(1 << 10);
  attemptedMs = new Float64Array(1 << 10);
  /** Infinity: never. */
  acknowledgedMs = new Float64Array(1 << 10).fill(Infinity);

  /** Makes room for one more, and gives its number. */
  next(): number {
    const { size } = this;
    if (size === this.kind.length) this.#grow();
    this.size += 1;
    return size;
  }

  #grow(): void {
    const length = this.size * 2;
    this.kind = copied(this.kind, new Uint8Array(length));
    this.account = copied(this.account, new Uint32Array(length));
    this.operation = copied(this.operation, new Uint32Array(length));
    this.value = copied(this.value, new Uint32Array(length));
    this.vu = copied(this.vu, new Uint32Array(length));
    this.came = copied(this.came, new Uint8Array(length));
    this.open = copied(this.open, new Int32Array(length));
    this.attemptedMs = copied(this.attemptedMs, new Float64Array(length));
    this.acknowledgedMs = copied(this.acknowledgedMs, new Float64Array(length).fill(Infinity));
  }
}

function copied<Column extends { set(from: Column): void }>(from: Column, to: Column): Column {
  to.set(from);
  return to;
}
