/** Figures as people read them: a unit after a space, three digits or so, "–" for what is not known. */

export type Unit = 'ms' | 'bytes' | 'cores' | 'perSecond' | 'count' | 'ratio';

export const UNKNOWN = '–';

export function formatFigure(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return UNKNOWN;
  switch (unit) {
    case 'ms':
      return milliseconds(value);
    case 'bytes':
      return bytes(value);
    case 'cores':
      return `${short(value)} ${value === 1 ? 'core' : 'cores'}`;
    case 'perSecond':
      return `${short(value)}/s`;
    case 'count':
      return value.toLocaleString('en-US');
    case 'ratio':
      return formatPercent(value);
    default:
      return unit satisfies never;
  }
}

/** 0.0123 → "1.23 %"; `undefined` when there is nothing to divide. */
export function formatPercent(ratio: number): string {
  return Number.isFinite(ratio) ? `${short(ratio * 100)} %` : UNKNOWN;
}

/** A length of time for people: 4 137 → "4.14 s", 95 000 → "1 min 35 s". */
export function formatLength(ms: number): string {
  if (!Number.isFinite(ms)) return UNKNOWN;
  if (ms < 60_000) return milliseconds(ms);
  const seconds = Math.round(ms / 1_000);
  const parts = [
    [Math.floor(seconds / 3_600), 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** A moment on the run's clock: 72 → "01:12", 3 700 → "1:01:40". */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number) => String(part).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  const tail = `${two(minutes % 60)}:${two(whole % 60)}`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)}:${tail}` : tail;
}

/** "71.04 s": a moment on the run's clock, for what is too short for minutes. */
export function formatInstant(ms: number): string {
  return `${secondsText(ms)} s`;
}

/** "60 – 64.5 s". */
export function formatSpan({ startMs, endMs }: { readonly startMs: number; readonly endMs: number }): string {
  return `${secondsText(startMs)} – ${formatInstant(endMs)}`;
}

/** "2026-11-24T06:38:15.123Z" → "2026-11-24 06:38:15 UTC". */
export function formatMoment(iso: string): string {
  const [date, time] = new Date(iso).toISOString().split('T');
  return `${date} ${time?.slice(0, 8)} UTC`;
}

/** Wall-clock length of a run, milliseconds. */
export function lengthMs(run: { readonly startedAt: string; readonly endedAt: string }): number {
  return Date.parse(run.endedAt) - Date.parse(run.startedAt);
}

function secondsText(ms: number): string {
  return (ms / 1_000).toLocaleString('en-US', { maximumFractionDigits: 2 });
}

function milliseconds(ms: number): string {
  if (Math.abs(ms) < 999.5) return `${short(ms)} ms`;
  return `${short(ms / 1_000)} s`;
}

function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let scaled = value;
  let index = 0;
  while (Math.abs(scaled) >= 1_023.5 && index < units.length - 1) {
    scaled /= 1_024;
    index++;
  }
  return `${short(scaled)} ${units[index]}`;
}

/** Three significant digits without a unit: 0.01234 → "0.0123". */
export function formatNumber(value: number): string {
  return Number.isFinite(value) ? short(value) : UNKNOWN;
}

/** Three significant digits, but never fewer than the whole part has: 0.01234 → "0.0123", 12 345.6 → "12,346". */
function short(value: number): string {
  const rounded = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return rounded.toLocaleString('en-US', { maximumFractionDigits: 6 });
}
