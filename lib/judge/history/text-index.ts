/** Marks a text with a character that takes two bytes. */
const WIDE = 0x8000;

/**
 * Numbers texts in the order in which they are added: 0, 1, 2, … The same text under another tag (a small number) is another one.
 * Open addressing over the texts' own hashes, and the texts as bytes one behind the other: half the memory that a Map of them
 * takes, nothing for the garbage collector to follow, and no text is kept that is part of a larger one.
 */
export class TextIndex {
  #size = 0;
  #bytes = new Uint8Array(1 << 12);
  /** Where each text begins; it ends where the next one does. */
  #starts = new Uint32Array((1 << 10) + 1);
  #hashes = new Int32Array(1 << 10);
  #tags = new Uint16Array(1 << 10);
  /** A text's number at the place that its hash points to, or at the next free one; at most half of them are taken. */
  #slots = new Int32Array(1 << 11).fill(-1);
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
    this.#write(text.length, index);
    this.#hashes[index] = hash;
    this.#tags[index] = this.#isWide ? tag | WIDE : tag;
    this.#slots[slot] = index;
    this.#size += 1;
    if (this.#size === this.#hashes.length) this.#grow();
    return index;
  }

  equals(index: number, text: string): boolean {
    this.#take(text, 0);
    return this.#is(index, text.length, (this.#tags[index] as number) & ~WIDE);
  }

  textOf(index: number): string {
    const end = this.#starts[index + 1] as number;
    const step = (this.#tags[index] as number) & WIDE ? 2 : 1;
    let text = '';
    for (let at = this.#starts[index] as number; at < end; at += step) {
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
    const [slots, hashes] = [this.#slots, this.#hashes];
    const mask = slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = slots[slot] as number;
      // Most texts that are not this one have another hash: they are not looked at.
      if (index === -1 || (hashes[index] === hash && this.#is(index, length, tag))) return slot;
    }
  }

  #is(index: number, length: number, tag: number): boolean {
    if (this.#tags[index] !== (this.#isWide ? tag | WIDE : tag)) return false;
    const [bytes, chars] = [this.#bytes, this.#chars];
    let at = this.#starts[index] as number;
    if ((this.#starts[index + 1] as number) - at !== (this.#isWide ? 2 * length : length)) return false;
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      if (bytes[at++] !== (code & 0xff) || (this.#isWide && bytes[at++] !== code >>> 8)) return false;
    }
    return true;
  }

  /** The text that was taken, behind the last one. */
  #write(length: number, index: number): void {
    const chars = this.#chars;
    let at = this.#starts[index] as number;
    const end = at + (this.#isWide ? 2 * length : length);
    if (end > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, end));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    const bytes = this.#bytes;
    for (let char = 0; char < length; char += 1) {
      const code = chars[char] as number;
      bytes[at++] = code;
      if (this.#isWide) bytes[at++] = code >>> 8;
    }
    this.#starts[index + 1] = at;
  }

  #grow(): void {
    const { length } = this.#hashes;
    const hashes = new Int32Array(length * 2);
    const [starts, tags] = [new Uint32Array(length * 2 + 1), new Uint16Array(length * 2)];
    starts.set(this.#starts);
    hashes.set(this.#hashes);
    tags.set(this.#tags);
    [this.#starts, this.#hashes, this.#tags] = [starts, hashes, tags];
    const slots = new Int32Array(length * 4).fill(-1);
    const mask = slots.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      let slot = (hashes[index] as number) & mask;
      while (slots[slot] !== -1) slot = (slot + 1) & mask;
      slots[slot] = index;
    }
    this.#slots = slots;
  }
}
