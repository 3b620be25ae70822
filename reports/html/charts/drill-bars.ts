import type { EdgeDrillResult } from '../../format/drills.ts';
import { type Range, position, valueRange } from './scale.ts';
import { mergeBins } from './thin.ts';

/** More bars than this cannot be told apart on a telephone, and are hardly told apart on a screen. */
export const MAX_BARS = 200;

/** From the axis up: what became of the requests. */
export const LAYERS = [
  { kind: 'answered', label: 'answered by the callee' },
  { kind: 'failed', label: 'failed, or cut off' },
  { kind: 'canceled', label: 'given up by the caller' },
] as const;

export type LayerKind = (typeof LAYERS)[number]['kind'];

/** A drill's arrivals as they are drawn. */
export interface DrillBars {
  /** Seconds since the load's start: the whole drill. */
  readonly x: Range;
  /** Requests a second. */
  readonly y: Range;
  /** Width of a bar, milliseconds. */
  readonly barMs: number;
  /** The bars' borders, 0–1 of the x axis: one more than there are bars. */
  readonly edges: readonly number[];
  readonly layers: readonly {
    readonly kind: LayerKind;
    readonly perSecond: readonly number[];
    readonly total: number;
  }[];
}

export function drillBars({ startMs, endMs, binMs, arrivals }: EdgeDrillResult): DrillBars {
  const bins = Math.max(...LAYERS.map(({ kind }) => arrivals[kind].length));
  const stretch = Math.max(1, Math.ceil(bins / MAX_BARS));
  const barMs = binMs * stretch;
  const spanMs = Math.max(endMs - startMs, bins * binMs, 1);
  const layers = LAYERS.map(({ kind }) => ({
    kind,
    perSecond: mergeBins(arrivals[kind], stretch).map((count) => (count * 1_000) / barMs),
    total: arrivals[kind].reduce((sum, count) => sum + count, 0),
  }));
  const bars = Math.ceil(bins / stretch);
  const heights = Array.from({ length: bars }, (_, bar) =>
    layers.reduce((sum, { perSecond }) => sum + (perSecond[bar] ?? 0), 0),
  );
  return {
    x: { min: startMs / 1_000, max: (startMs + spanMs) / 1_000 },
    y: valueRange({ lines: [{ label: '', tone: 0, dashed: false, values: heights }], logarithmic: false }),
    barMs,
    edges: Array.from({ length: bars + 1 }, (_, bar) => Math.min(1, (bar * barMs) / spanMs)),
    layers,
  };
}

/** Moments inside the drill, each with its place on the x axis: one outside would be drawn where it was not. */
export function marksIn(
  { marks, startMs }: EdgeDrillResult,
  bars: DrillBars,
): { readonly text: string; readonly at: number }[] {
  const inside = marks.filter(({ atMs }) => atMs >= startMs && atMs <= bars.x.max * 1_000);
  return inside.map(({ atMs, text }) => ({ text, at: shareOf(atMs, bars) }));
}

/** Where a moment lies on the x axis, 0–1. */
export function shareOf(ms: number, { x }: DrillBars): number {
  return Math.min(1, Math.max(0, position(ms / 1_000, x, false)));
}
