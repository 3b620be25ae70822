/** Before each text's bytes: its number (4 bytes), its length (3), its tag, and how many bytes each of its characters has. */
const HEAD_BYTES = 9;
const MOST_CHARACTERS = 0xff_ffff;

/**
 * Numbers texts in the order in which they are added: 0, 1, 2, … The same text under another tag (0–255) is another one. Open
 * addressing over the texts' own hashes, and the texts as bytes one behind the other: half the memory that a Map of them takes,
 * nothing for the garbage collector to follow, and no text is kept that is part of a larger one. At most 2 GiB of texts.
 */
export class TextIndex {
  #size = 0;
  #bytes = new Uint8Array(1 << 12);
  /** Where each text begins; it ends where the next one does. */
  #starts = new Uint32Array((1 << 10) + 1);
  #indexed = 0;
  /** Pairs of where a text begins and its hash, at the place that the hash points to or at the next free one; half are free at least. */
  #slots = new Int32Array(1 << 12).fill(-1);
  /** The characters of the text that is asked for: read once, compared and written from here. */
  #chars = new Uint16Array(1 << 8);
  #isWide = false;

  get size(): number {
    return this.#size;
  }

  /** −1: it was never added. */
  find(text: string, tag = 0): number {
    const start = this.#slots[this.#slotOf(text.length, tag, this.#take(text, tag))] as number;
    return start === -1 ? -1 : this.#numberAt(start);
  }

  /** Its number; a new one is the size before it. */
  add(text: string, tag = 0): number {
    const hash = this.#take(text, tag);
    const slot = this.#slotOf(text.length, tag, hash);
    const found = this.#slots[slot] as number;
    if (found !== -1) return this.#numberAt(found);
    this.#slots[slot] = this.#starts[this.#size] as number;
    this.#slots[slot + 1] = hash;
    this.#indexed += 1;
    if (this.#indexed * 4 === this.#slots.length) this.#growSlots();
    return this.#write(text.length, tag);
  }

  /** A text that need not be found again: it only gets the next number. */
  append(text: string, tag = 0): number {
    this.#take(text, tag);
    return this.#write(text.length, tag);
  }

  equals(index: number, text: string): boolean {
    this.#take(text, 0);
    const start = this.#starts[index] as number;
    return this.#is(start, text.length, this.#bytes[start + 7] as number);
  }

  isEmpty(index: number): boolean {
    return (this.#starts[index + 1] as number) - (this.#starts[index] as number) === HEAD_BYTES;
  }

  textOf(index: number): string {
    const [start, end] = [this.#starts[index] as number, this.#starts[index + 1] as number];
    const step = this.#bytes[start + 8] as number;
    let text = '';
    for (let at = start + HEAD_BYTES; at < end; at += step) {
      text += String.fromCharCode(
        (this.#bytes[at] as number) | (step === 2 ? (this.#bytes[at + 1] as number) << 8 : 0),
      );
    }
    return text;
  }

  /** Takes a text's characters, and gives its hash: FNV-1a over them, then mixed, since its low bits choose the slot. */
  #take(text: string, tag: number): number {
    const { length } = text;
    if (length > MOST_CHARACTERS) throw new Error(`a text of ${length} characters is too long`);
    if (length > this.#chars.length) this.#chars = new Uint16Array(length * 2);
    const chars = this.#chars;
    let hash = 0x811c_9dc5 ^ tag ^ length;
    let all = 0;
    for (let at = 0; at < length; at += 1) {
      const code = text.charCodeAt(at);
      chars[at] = code;
      all |= code;
      hash = Math.imul(hash ^ code, 0x0100_0193);
    }
    this.#isWide = all > 0xff;
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
    return hash ^ (hash >>> 12);
  }

  /** Where the text that was taken is, or would be. */
  #slotOf(length: number, tag: number, hash: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (hash << 1) & mask; ; slot = (slot + 2) & mask) {
      const start = slots[slot] as number;
      // Most texts that are not this one have another hash: they are not looked at.
      if (start === -1 || (slots[slot + 1] === hash && this.#is(start, length, tag))) return slot;
    }
  }

  #numberAt(start: number): number {
    return this.#threeBytes(start) | ((this.#bytes[start + 3] as number) << 24);
  }

  #threeBytes(at: number): number {
    const bytes = this.#bytes;
    return (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);
  }

  #is(start: number, length: number, tag: number): boolean {
    const [bytes, chars, isWide] = [this.#bytes, this.#chars, this.#isWide];
    if (bytes[start + 7] !== tag || bytes[start + 8] !== (isWide ? 2 : 1) || this.#threeBytes(start + 4) !== length) {
      return false;
    }
    let at = start + HEAD_BYTES;
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      if (bytes[at++] !== (code & 0xff) || (isWide && bytes[at++] !== code >>> 8)) return false;
    }
    return true;
  }

  /** The text that was taken, behind the last one. */
  #write(length: number, tag: number): number {
    const [chars, isWide, index] = [this.#chars, this.#isWide, this.#size];
    let at = this.#starts[index] as number;
    const end = at + HEAD_BYTES + (isWide ? 2 * length : length);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, end));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const bytes = this.#bytes;
    for (let shift = 0; shift < 32; shift += 8) bytes[at++] = index >>> shift;
    for (let shift = 0; shift < 24; shift += 8) bytes[at++] = length >>> shift;
    bytes[at++] = tag;
    bytes[at++] = isWide ? 2 : 1;
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      bytes[at++] = code;
      if (isWide) bytes[at++] = code >>> 8;
    }
    this.#size += 1;
    if (this.#size === this.#starts.length) {
      const starts = new Uint32Array(this.#starts.length * 2);
      starts.set(this.#starts);
      this.#starts = starts;
    }
    this.#starts[this.#size] = at;
    return index;
  }

  #growSlots(): void {
    const old = this.#slots;
    const slots = new Int32Array(old.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      const [start, hash] = [old[from] as number, old[from + 1] as number];
      if (start === -1) continue;
      let slot = (hash << 1) & mask;
      while (slots[slot] !== -1) slot = (slot + 2) & mask;
      slots[slot] = start;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
  }
}
