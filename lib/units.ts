/**
 * Quantities at the user's edge are strings with a unit ("250ms", "64MiB", "200/s", "99.9%"); they are parsed once,
 * here, into plain numbers whose unit stands in the variable's name. Every parser returns undefined for what it does
 * not understand, so that the caller can report path, value and hint.
 */

const DURATION_UNITS_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const SIZE_UNITS_BYTES = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, kB: 1e3, MB: 1e6, GB: 1e9 } as const;
const RATE_UNITS_S = { s: 1, m: 60, h: 3_600 } as const;

export const DURATION_PATTERN = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h))+$/;
export const SIZE_PATTERN = /^\d+(?:\.\d+)?(?:B|KiB|MiB|GiB|kB|MB|GB)$/;
export const RATE_PATTERN = /^\d+(?:\.\d+)?\/(?:s|m|h)$/;
export const PERCENT_PATTERN = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$/;
export const FACTOR_PATTERN = /^\d{1,5}(?:\.\d+)?%$/;
export const GROWTH_PATTERN = /^\d+(?:\.\d+)?(?:%|B|KiB|MiB|GiB|kB|MB|GB)\/(?:s|m|h)$/;
export const CORES_PATTERN = /^\d+(?:\.\d+)? cores?$/;

/** "1m30s" → 90 000. */
export function parseDurationMs(text: string): number | undefined {
  if (!DURATION_PATTERN.test(text)) return undefined;
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    totalMs += Number(amount) * DURATION_UNITS_MS[unit as keyof typeof DURATION_UNITS_MS];
  }
  return totalMs;
}

/** "64MiB" → 67 108 864. */
export function parseSizeBytes(text: string): number | undefined {
  if (!SIZE_PATTERN.test(text)) return undefined;
  const unit = text.replace(/^[\d.]+/, '') as keyof typeof SIZE_UNITS_BYTES;
  return Math.round(Number.parseFloat(text) * SIZE_UNITS_BYTES[unit]);
}

/** "6000/m" → 100, a rate a second. */
export function parseRatePerSecond(text: string): number | undefined {
  if (!RATE_PATTERN.test(text)) return undefined;
  const unit = text.slice(text.indexOf('/') + 1) as keyof typeof RATE_UNITS_S;
  return Number.parseFloat(text) / RATE_UNITS_S[unit];
}

/** "99.9%" → 0.999. */
export function parseRatio(text: string): number | undefined {
  if (!PERCENT_PATTERN.test(text)) return undefined;
  // Divided as decimal text, so that "99.9%" is the number 0.999 and not 0.9990000000000001.
  return Number((Number.parseFloat(text) / 100).toPrecision(15));
}

/** "150%" → 1.5. */
export function parseFactor(text: string): number | undefined {
  if (!FACTOR_PATTERN.test(text)) return undefined;
  return Number((Number.parseFloat(text) / 100).toPrecision(15));
}

/** How fast something may grow: relative to its size, or in bytes. */
export type Growth = { readonly ratioPerHour: number } | { readonly bytesPerHour: number };

/** "1%/h" → 0.01 an hour; "2MiB/m" → 125 829 120 bytes an hour. */
export function parseGrowth(text: string): Growth | undefined {
  if (!GROWTH_PATTERN.test(text)) return undefined;
  const [amount = '', unit] = text.split('/');
  const perHour = 3_600 / RATE_UNITS_S[unit as keyof typeof RATE_UNITS_S];
  const ratio = parseFactor(amount);
  if (ratio !== undefined) return { ratioPerHour: ratio * perHour };
  const bytes = parseSizeBytes(amount);
  return bytes === undefined ? undefined : { bytesPerHour: bytes * perHour };
}

/** "0.5 cores" → 0.5. */
export function parseCores(text: string): number | undefined {
  return CORES_PATTERN.test(text) ? Number.parseFloat(text) : undefined;
}

/** 1 500 → "1.5s"; the shortest exact form. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${round(ms, 3)}ms`;
  if (ms < 120_000) return `${round(ms / 1_000, 3)}s`;
  return `${round(ms / 60_000, 2)}m`;
}

/** 67 108 864 → "64MiB", to a tenth of the unit. */
export function formatSize(bytes: number): string {
  const unit = (['GiB', 'MiB', 'KiB'] as const).find((candidate) => bytes >= SIZE_UNITS_BYTES[candidate]) ?? 'B';
  return `${round(bytes / SIZE_UNITS_BYTES[unit], 1)}${unit}`;
}

/** 0.999 → "99.9%". */
export function formatRatio(ratio: number): string {
  return `${round(ratio * 100, 3)}%`;
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
