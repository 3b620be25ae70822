/** Numbers in [0, 1) that follow from the seed alone: mulberry32 (Tommy Ettinger, public domain), 32 bits of state. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number from 0 to n − 1. */
export function below(n: number, random: () => number): number {
  return Math.floor(random() * n);
}

/** Picks by weight; `weights` need not add up to anything in particular. */
export function weighted<T extends string>(weights: Readonly<Record<T, number>>): (random: () => number) => T {
  const names = Object.keys(weights) as T[];
  let total = 0;
  const limits = names.map((name) => (total += weights[name]));
  return (random) => {
    const drawn = random() * total;
    return names[limits.findIndex((limit) => drawn < limit)] ?? (names.at(-1) as T);
  };
}
