import { formatClock } from '../../format/figures.ts';
import type { Window } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';
import type { ChartFrame } from './chart.ts';
import { describeWindow } from './describe.ts';
import { anchorAt, percent } from './place.ts';
import { timeTicks } from './scale.ts';

const ROW_HEIGHT = 26;
const AXIS_HEIGHT = 18;

/** Phases in one row, each fault in a row below, on one clock. */
export function timelineStrip({ phases, faults, endSeconds }: ChartFrame): Markup {
  const height = (1 + faults.length) * ROW_HEIGHT + AXIS_HEIGHT;
  const bar = ({ name, detail, startMs, endMs }: Window, row: number, kind: 'phase' | 'fault') =>
    html`<svg
      class="${kind}"
      x="${percent(startMs / 1_000 / endSeconds)}"
      width="${percent(Math.max(0, endMs - startMs) / 1_000 / endSeconds)}"
      y="${row * ROW_HEIGHT}"
      height="${ROW_HEIGHT - 4}"
    >
      <title>${name}: ${detail}</title>
      <rect class="bar" width="100%" height="100%" />
      <text x="6" y="15">${name}</text>
    </svg>`;
  const ticks = timeTicks(0, endSeconds, 8).map((tick) => {
    const share = tick / endSeconds;
    return html`<text class="tick" x="${percent(share)}" y="${height - 4}" text-anchor="${anchorAt(share)}"
      >${formatClock(tick)}</text
    >`;
  });
  const bars = [
    ...phases.map((phase) => bar(phase, 0, 'phase')),
    ...faults.map((fault, index) => bar(fault, index + 1, 'fault')),
  ];
  const described = [...phases, ...faults].map(describeWindow).join(', ');
  return html`<svg class="strip" height="${height}" role="img" aria-label="Timeline: ${described}">
    ${bars}${ticks}
  </svg>`;
}
