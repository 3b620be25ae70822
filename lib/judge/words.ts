import type { OperationWindow } from '../observe/observations.ts';

/** Figures as people read them in the report: a unit, no more digits than needed, and never rounded onto the limit. */

/** 0.9993 → "99.93 %"; more digits where fewer would make it look like `limit`. */
export function percent(ratio: number, limit?: number): string {
  return `${apart(ratio * 100, limit === undefined ? undefined : limit * 100, 2)} %`;
}

/** "99.93 – 99.97 %", or one figure when both ends read the same. */
export function percentRange(low: number, high: number, limit?: number): string {
  const [from, to] = [percent(low, limit), percent(high, limit)];
  return from === to ? from : `${from.slice(0, -2)} – ${to}`;
}

/** 4.137 → "4.14 ms", 12 300 → "12.3 s". */
export function milliseconds(ms: number): string {
  if (ms >= 1_000) return `${Number((ms / 1_000).toFixed(ms >= 10_000 ? 1 : 2))} s`;
  return `${Number(ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : ms >= 1 ? 2 : 3))} ms`;
}

/** A limit as it was set, with all its digits: 2 500 → "2.5 s". */
export function exactMilliseconds(ms: number): string {
  return ms >= 1_000 ? `${precise(ms / 1_000)} s` : `${precise(ms)} ms`;
}

/** 67 108 864 → "64 MiB"; what shrinks is below 0. */
export function bytes(value: number, limit?: number): string {
  const [unit, divisor] = unitOf(Math.abs(value));
  return `${apart(value / divisor, limit === undefined ? undefined : limit / divisor, 1)} ${unit}`;
}

/** 0.25 → "0.25 cores". */
export function cores(value: number, limit?: number): string {
  return `${apart(value, limit, 2)} cores`;
}

/** 0.99 → "p99", 0.999 → "p99.9". */
export function quantileName(q: number): string {
  return `p${precise(q * 100)}`;
}

/** 0.4213 → "0.421 ms of CPU". */
export function cpuMilliseconds(value: number, limit?: number): string {
  return `${apart(value, limit, 3)} ms of CPU`;
}

/** 135.25 → "135.3/s". */
export function perSecond(value: number, limit?: number): string {
  return `${apart(value, limit, 1)}/s`;
}

/** "1 event", "12 events". */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount} ${amount === 1 ? noun : plural}`;
}

/** "quote", "quote over grpc", "all operations". */
export function operationName(scope: {
  readonly operation: string;
  readonly protocol?: OperationWindow['protocol'] | undefined;
}): string {
  const name = scope.operation === '*' ? 'all operations' : scope.operation;
  return scope.protocol === undefined ? name : `${name} over ${scope.protocol}`;
}

function apart(value: number, limit: number | undefined, digits: number): string {
  for (let extra = digits; extra <= 9; extra++) {
    const shown = Number(value.toFixed(extra));
    if (limit === undefined || Math.sign(precise(shown - limit)) === Math.sign(precise(value - limit))) {
      return String(shown);
    }
  }
  return String(value);
}

/** Without the last bits that binary arithmetic leaves behind. */
function precise(value: number): number {
  return Number(value.toPrecision(12));
}

function unitOf(value: number): [unit: string, divisor: number] {
  if (value >= 1024 ** 3) return ['GiB', 1024 ** 3];
  if (value >= 1024 ** 2) return ['MiB', 1024 ** 2];
  return value >= 1024 ? ['KiB', 1024] : ['B', 1];
}
