/**
 * Draws whole numbers. Everything follows from the random numbers it is given; nothing is kept per key, so that 10⁷ keys
 * cost no memory.
 */
export type Draw = (random: () => number) => number;

/** 0 … n − 1, each as likely as the next. */
export function uniform(n: number): Draw {
  return (random) => Math.floor(random() * n);
}

/** Share `share` of all draws is 0, the others are 1 … n − 1, each as likely as the next. */
export function hotKey(n: number, share: number): Draw {
  return (random) => (n === 1 || random() < share ? 0 : 1 + Math.floor(random() * (n - 1)));
}

/**
 * 0 … n − 1, where k is drawn in proportion to (k + 1)^−s: exactly Zipf's law, by rejection-inversion (W. Hörmann and
 * G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6, 1996), in
 * constant time and memory.
 */
export function zipf(n: number, s: number): Draw {
  // The integral of x^−s, and its inverse, written so that they stay exact when s is near 1.
  const integral = (x: number) => expm1OverX((1 - s) * Math.log(x)) * Math.log(x);
  const inverse = (y: number) => Math.exp(log1pOverX(Math.max(-1, y * (1 - s))) * y);
  const weight = (x: number) => Math.exp(-s * Math.log(x));
  const first = integral(1.5) - 1;
  const last = integral(n + 0.5);
  const squeeze = 2 - inverse(integral(2.5) - weight(2));
  return (random) => {
    for (;;) {
      const u = last + random() * (first - last);
      const x = inverse(u);
      const k = Math.min(n, Math.max(1, Math.floor(x + 0.5)));
      if (k - x <= squeeze || u >= integral(k + 0.5) - weight(k)) return k - 1;
    }
  };
}

/** min … max (whole numbers) with a heavy tail: the bounded Pareto distribution of exponent `alpha`, rounded down. */
export function boundedPareto(alpha: number, min: number, max: number): Draw {
  const low = min ** -alpha;
  const high = (max + 1) ** -alpha;
  return (random) => Math.min(max, Math.floor((low - random() * (low - high)) ** (-1 / alpha)));
}

/** (e^x − 1) / x */
function expm1OverX(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.expm1(x) / x : 1 + x / 2;
}

/** ln(1 + x) / x */
function log1pOverX(x: number): number {
  return Math.abs(x) > 1e-8 ? Math.log1p(x) / x : 1 - x / 2;
}

/** "uniform", "zipf:1.1", "hot:0.2": which of n keys is next. Throws with what is allowed. */
export function parseKeys(text: string, n: number): Draw {
  const [kind, ...rest] = text.split(':');
  const value = rest.length === 1 ? Number(rest[0]) : Number.NaN;
  if (kind === 'uniform' && rest.length === 0) return uniform(n);
  if (kind === 'zipf' && value > 0 && value <= 3) return zipf(n, value);
  if (kind === 'hot' && value > 0 && value <= 1) return hotKey(n, value);
  throw new Error(`"${text}" is no distribution of keys: uniform, zipf:<0–3> or hot:<share 0–1>`);
}

/** "fixed:3", "uniform:1-5", "pareto:1.2,1-100": how many there are. Throws with what is allowed. */
export function parseSizes(text: string, most: number): Draw {
  const refuse = (): never => {
    throw new Error(`"${text}" is no distribution of sizes: fixed:3, uniform:1-5 or pareto:1.2,1-100, at most ${most}`);
  };
  const found = /^(?:fixed:(\d+)|uniform:(\d+)-(\d+)|pareto:(\d+(?:\.\d+)?),(\d+)-(\d+))$/.exec(text);
  if (found === null) return refuse();
  const [, fixed, from, to, alpha, min, max] = found;
  const [low, high] = [Number(fixed ?? from ?? min), Number(fixed ?? to ?? max)];
  if (!(low >= 1 && low <= high && high <= most)) return refuse();
  if (alpha !== undefined) return Number(alpha) > 0 ? boundedPareto(Number(alpha), low, high) : refuse();
  return (random) => low + Math.floor(random() * (high - low + 1));
}

/** Parses each text once: settings are read anew in every iteration. */
export function remembered(parse: (text: string) => Draw): (text: string) => Draw {
  const known = new Map<string, Draw>();
  return (text) => {
    const draw = known.get(text) ?? parse(text);
    known.set(text, draw);
    return draw;
  };
}
