/**
 * Lengths in bits of the codes of all 256 bytes and of the end-of-string symbol (RFC 7541, Appendix B). The codes are
 * canonical: in the order of their lengths, and of the symbols among equal lengths, each is the one before plus 1.
 */
// prettier-ignore
const CODE_BITS = [
  13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
  6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
  13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
  15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
  20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
  22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
  26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
  20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
  30,
];

const END_OF_STRING = 256;
/** A leaf is the bitwise complement of its symbol. */
const TREE = buildTree();

/** Pairs of children by node: where bits 0 and 1 lead to. */
function buildTree(): Int16Array {
  const children: number[] = [0, 0];
  const symbols = CODE_BITS.map((bits, symbol) => ({ bits, symbol })).toSorted(
    (a, b) => a.bits - b.bits || a.symbol - b.symbol,
  );
  let code = 0;
  let length = symbols[0]?.bits ?? 0;
  for (const { bits, symbol } of symbols) {
    code *= 2 ** (bits - length);
    length = bits;
    let node = 0;
    for (let bit = bits - 1; bit > 0; bit -= 1) {
      const slot = node + ((code >>> bit) & 1);
      if (children[slot] === 0) {
        children[slot] = children.length;
        children.push(0, 0);
      }
      node = children[slot] ?? 0;
    }
    children[node + (code & 1)] = ~symbol;
    code += 1;
  }
  return Int16Array.from(children);
}

/** The bytes that are coded, as latin1 text; undefined when this is no valid coding (RFC 7541, 5.2). */
export function decodeHuffman(bytes: Uint8Array): string | undefined {
  // No code has fewer than 5 bits.
  const out = Buffer.allocUnsafe(Math.ceil((bytes.length * 8) / 5));
  let length = 0;
  let node = 0;
  let sinceSymbol = 0;
  let onlyOnes = true;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit -= 1) {
      const one = (byte >>> bit) & 1;
      node = TREE[node + one] ?? 0;
      sinceSymbol += 1;
      onlyOnes &&= one === 1;
      if (node >= 0) continue;
      if (~node === END_OF_STRING) return undefined;
      out[length] = ~node;
      length += 1;
      node = sinceSymbol = 0;
      onlyOnes = true;
    }
  }
  // The rest is padding: less than a byte of the most significant bits of the end-of-string code.
  return sinceSymbol < 8 && onlyOnes ? out.toString('latin1', 0, length) : undefined;
}
