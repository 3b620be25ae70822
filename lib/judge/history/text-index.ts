/** Each text's bytes are behind its tag, and whether it has characters of two bytes. */
const HEAD_BYTES = 2;

/**
 * Numbers texts in the order in which they are added: 0, 1, 2, … The same text under another tag (0–255) is another one. Open
 * addressing over the texts' own hashes, and the texts as bytes one behind the other: half the memory that a Map of them takes,
 * nothing for the garbage collector to follow, and no text is kept that is part of a larger one.
 */
export class TextIndex {
  #size = 0;
  #bytes = new Uint8Array(1 << 12);
  /** Where each text begins; it ends where the next one does. */
  #starts = new Uint32Array((1 << 10) + 1);
  /** Pairs of a text's number and its hash, at the place that the hash points to or at the next free one; half are free at least. */
  #slots = new Int32Array(1 << 12).fill(-1);
  /** The characters of the text that is asked for: read once, compared and written from here. */
  #chars = new Uint16Array(1 << 8);
  #isWide = false;

  get size(): number {
    return this.#size;
  }

  /** −1: it was never added. */
  find(text: string, tag = 0): number {
    return this.#slots[this.#slotOf(text.length, tag, this.#take(text, tag))] as number;
  }

  /** Its number; a new one is the size before it. */
  add(text: string, tag = 0): number {
    const hash = this.#take(text, tag);
    const slot = this.#slotOf(text.length, tag, hash);
    const found = this.#slots[slot] as number;
    if (found !== -1) return found;
    const index = this.#size;
    this.#write(text.length, tag, index);
    this.#slots[slot] = index;
    this.#slots[slot + 1] = hash;
    this.#size += 1;
    if (this.#size * 4 === this.#slots.length) this.#grow();
    return index;
  }

  equals(index: number, text: string): boolean {
    this.#take(text, 0);
    return this.#is(index, text.length, this.#bytes[this.#starts[index] as number] as number);
  }

  textOf(index: number): string {
    const [start, end] = [this.#starts[index] as number, this.#starts[index + 1] as number];
    const step = 1 + (this.#bytes[start + 1] as number);
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
    if (length > this.#chars.length) this.#chars = new Uint16Array(length * 2);
    const chars = this.#chars;
    let hash = 0x811c_9dc5 ^ tag;
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
      const index = slots[slot] as number;
      // Most texts that are not this one have another hash: they are not looked at.
      if (index === -1 || (slots[slot + 1] === hash && this.#is(index, length, tag))) return slot;
    }
  }

  #is(index: number, length: number, tag: number): boolean {
    const [bytes, chars, isWide] = [this.#bytes, this.#chars, this.#isWide];
    let at = this.#starts[index] as number;
    if ((this.#starts[index + 1] as number) - at !== HEAD_BYTES + (isWide ? 2 * length : length)) return false;
    if (bytes[at++] !== tag || bytes[at++] !== Number(isWide)) return false;
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      if (bytes[at++] !== (code & 0xff) || (isWide && bytes[at++] !== code >>> 8)) return false;
    }
    return true;
  }

  /** The text that was taken, behind the last one. */
  #write(length: number, tag: number, index: number): void {
    const [chars, isWide] = [this.#chars, this.#isWide];
    let at = this.#starts[index] as number;
    const end = at + HEAD_BYTES + (isWide ? 2 * length : length);
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, end));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const bytes = this.#bytes;
    bytes[at++] = tag;
    bytes[at++] = Number(isWide);
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      bytes[at++] = code;
      if (isWide) bytes[at++] = code >>> 8;
    }
    this.#starts[index + 1] = at;
  }

  #grow(): void {
    const old = this.#slots;
    const starts = new Uint32Array(this.#size * 2 + 1);
    starts.set(this.#starts);
    this.#starts = starts;
    const slots = new Int32Array(old.length * 2).fill(-1);
    const mask = slots.length - 1;
    for (let from = 0; from < old.length; from += 2) {
      const [index, hash] = [old[from] as number, old[from + 1] as number];
      if (index === -1) continue;
      let slot = (hash << 1) & mask;
      while (slots[slot] !== -1) slot = (slot + 2) & mask;
      slots[slot] = index;
      slots[slot + 1] = hash;
    }
    this.#slots = slots;
  }
}
