/** A text with a character that takes two bytes. */
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

  get size(): number {
    return this.#size;
  }

  /** −1: it was never added. */
  find(text: string, tag = 0): number {
    return this.#slots[this.#slotOf(text, tag, hashOf(text, tag))] as number;
  }

  /** Its number; a new one is the size before it. */
  add(text: string, tag = 0): number {
    const hash = hashOf(text, tag);
    const slot = this.#slotOf(text, tag, hash);
    const found = this.#slots[slot] as number;
    if (found !== -1) return found;
    const index = this.#size;
    this.#tags[index] = tagOf(text, tag);
    this.#write(text, index);
    this.#hashes[index] = hash;
    this.#slots[slot] = index;
    this.#size += 1;
    if (this.#size === this.#hashes.length) this.#grow();
    return index;
  }

  equals(index: number, text: string, tag = 0): boolean {
    return this.#is(index, text, tag);
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

  #slotOf(text: string, tag: number, hash: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const index = this.#slots[slot] as number;
      // Most texts that are not this one have another hash: they are not looked at.
      if (index === -1 || (this.#hashes[index] === hash && this.#is(index, text, tag))) return slot;
    }
  }

  #is(index: number, text: string, tag: number): boolean {
    const tagged = this.#tags[index] as number;
    const isWide = tagged >= WIDE;
    let at = this.#starts[index] as number;
    const { length } = text;
    if ((tagged & ~WIDE) !== tag || (this.#starts[index + 1] as number) - at !== (isWide ? 2 * length : length))
      return false;
    const bytes = this.#bytes;
    for (let char = 0; char < length; char += 1) {
      const code = text.charCodeAt(char);
      if (isWide ? bytes[at++] !== (code & 0xff) || bytes[at++] !== code >>> 8 : bytes[at++] !== code) return false;
    }
    return true;
  }

  /** The text behind the last one. */
  #write(text: string, index: number): void {
    const step = (this.#tags[index] as number) & WIDE ? 2 : 1;
    let at = this.#starts[index] as number;
    if (at + text.length * step > this.#bytes.length) {
      const bytes = new Uint8Array(Math.max(this.#bytes.length * 2, at + text.length * step));
      bytes.set(this.#bytes);
      this.#bytes = bytes;
    }
    for (let char = 0; char < text.length; char += 1, at += step) {
      const code = text.charCodeAt(char);
      this.#bytes[at] = code;
      if (step === 2) this.#bytes[at + 1] = code >>> 8;
    }
    this.#starts[index + 1] = at;
  }

  #grow(): void {
    const { length } = this.#hashes;
    const [starts, hashes, tags] = [
      new Uint32Array(length * 2 + 1),
      new Int32Array(length * 2),
      new Uint16Array(length * 2),
    ];
    starts.set(this.#starts);
    hashes.set(this.#hashes);
    tags.set(this.#tags);
    [this.#starts, this.#hashes, this.#tags] = [starts, hashes, tags];
    this.#slots = new Int32Array(length * 4).fill(-1);
    const mask = this.#slots.length - 1;
    for (let index = 0; index < this.#size; index += 1) {
      let slot = (hashes[index] as number) & mask;
      while (this.#slots[slot] !== -1) slot = (slot + 1) & mask;
      this.#slots[slot] = index;
    }
  }
}

/** FNV-1a over the characters, then mixed: its low bits choose the slot. */
function hashOf(text: string, tag: number): number {
  let hash = 0x811c_9dc5 ^ tag;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d);
  return hash ^ (hash >>> 12);
}

function tagOf(text: string, tag: number): number {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) return tag | WIDE;
  return tag;
}
