/**
 * A number in [0, 1) that follows from the seed and a text alone: FNV-1a (32 bits) of both, finished as in mulberry32 (Tommy
 * Ettinger, public domain), so that texts that differ in one letter give unrelated numbers.
 */
export function seededFraction(seed: number, text: string): number {
  let hash = 0x81_1c_9d_c5 ^ (seed >>> 0);
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01_00_01_93);
  let z = (hash + 0x6d_2b_79_f5) | 0;
  z = Math.imul(z ^ (z >>> 15), z | 1);
  z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
  return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
}

/** The seed of one thing of a plan's: an unsigned 32-bit number. */
export function derivedSeed(seed: number, text: string): number {
  return Math.floor(seededFraction(seed, text) * 2 ** 32);
}
