import type { EdgeDrillResult } from '../../format/drills.ts';
import { type Markup, html } from '../markup.ts';
import { type DrillBars, marksIn, shareOf } from './drill-bars.ts';
import { BESIDE, type LineLabel, SIZES, type Size, WIDTHS, placeLabels, textWidth } from './fit-labels.ts';
import { percent } from './place.ts';

/** What is written above a drill's plot: the steps' names in the first row, the marks' in the rows below it. */

/** CSS pixels. */
const ROW = 14;
const MARK_ROWS = 2;
/** Longer names are cut in the picture; the lists below it have them whole. */
const LONGEST = 26;

/** Room above the plot, CSS pixels. */
export function roomForNames({ marks }: EdgeDrillResult): number {
  return ROW + 4 + (marks.length > 0 ? MARK_ROWS * ROW : 0);
}

/** Each step's band reaches from its name to `bottom`; it has its number and name, or as much of these as there is room for. */
export function stepBands({ steps }: EdgeDrillResult, bars: DrillBars, bottom: number): Markup[] {
  return steps.map(({ name, startMs, endMs }, index) => {
    const [left, right] = [shareOf(startMs, bars), shareOf(endMs, bars)];
    const number = String(index + 1);
    const full = `${number} ${shortened(name)}`;
    const names = SIZES.map((size) => {
      const room = (right - left) * WIDTHS[size];
      const text = [full, number].find((candidate) => textWidth(candidate) + 2 * BESIDE <= room);
      return text === undefined
        ? ''
        : html`<text class="at-${size}" x="${percent(left)}" dx="${BESIDE}" y="12">${text}</text>`;
    });
    return html`<g class="step">
      <rect x="${percent(left)}" width="${percent(Math.max(0, right - left))}" height="${bottom}" />
      ${names}
    </g>`;
  });
}

/** Each name that there is room for, with its mark's line up to it. */
export function markNames(drill: EdgeDrillResult, bars: DrillBars, top: number): Markup[] {
  const labels = marksIn(drill, bars).map(({ text, at }) => ({ text: shortened(text), at }));
  return SIZES.map((size) => html`<g class="at-${size}">${namesAt(size, labels, top)}</g> `);
}

function namesAt(size: Size, labels: readonly LineLabel[], top: number): Markup[] {
  return placeLabels(labels, size, MARK_ROWS).map(({ text, at, row, anchor }) => {
    const [place, bottom] = [percent(at), top - row * ROW];
    return html`<line class="drill-mark" x1="${place}" x2="${place}" y1="${bottom - ROW + 2}" y2="${top}" />
      <text
        class="mark-name"
        x="${place}"
        dx="${anchor === 'start' ? BESIDE : -BESIDE}"
        y="${bottom - 4}"
        text-anchor="${anchor}"
        >${text}</text
      >`;
  });
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}
