import { formatEffect, formatInterval, noEffect } from '../../format/comparison.ts';
import type { Compared } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';
import { anchorAt, percent } from './place.ts';
import { type Range, position } from './scale.ts';

const HEIGHT = 46;
/** Where the interval is drawn, and where the lines' names stand: CSS pixels from the top. */
const MIDDLE = 14;
const NAMES = 42;

/**
 * The effect of one row: its estimate and bounds against "no difference" (a full line) and the margin (a dashed one, with what
 * lies beyond it shaded). A bound that is not known reaches to the edge.
 */
export function intervalPlot(row: Compared): Markup | undefined {
  const { estimate, limit, lower, upper, outcome, higherIsBetter } = row;
  if (estimate === undefined) return undefined;
  const none = noEffect(row);
  const range = rangeOf([estimate, limit, none, lower, upper]);
  const at = (value: number) => position(value, range, false);
  const [from, to] = [lower === undefined ? 0 : at(lower), upper === undefined ? 1 : at(upper)];
  const bound = at(limit);
  const worse = higherIsBetter ? { left: 0, width: bound } : { left: bound, width: 1 - bound };
  const cap = (share: number) =>
    html`<line x1="${percent(share)}" x2="${percent(share)}" y1="${MIDDLE - 5}" y2="${MIDDLE + 5}" />`;
  const description = `Effect ${formatEffect(estimate, row)}, interval ${formatInterval(row)}; the margin is ${formatEffect(limit, row)}`;
  return html`<svg class="interval is-${outcome}" height="${HEIGHT}" role="img" aria-label="${description}">
    <rect class="beyond" x="${percent(worse.left)}" width="${percent(worse.width)}" y="0" height="${HEIGHT - 18}" />
    ${rule('none', at(none), '0')}${rule('margin', bound, formatEffect(limit, row))}
    <g class="span">
      <line x1="${percent(from)}" x2="${percent(to)}" y1="${MIDDLE}" y2="${MIDDLE}" />
      ${lower === undefined ? '' : cap(from)}${upper === undefined ? '' : cap(to)}
    </g>
    <circle cx="${percent(at(estimate))}" cy="${MIDDLE}" r="4.5" />
  </svg>`;
}

function rule(kind: 'none' | 'margin', share: number, name: string): Markup {
  return html`<line class="${kind}" x1="${percent(share)}" x2="${percent(share)}" y1="0" y2="${HEIGHT - 16}" /><text
      x="${percent(share)}"
      y="${NAMES}"
      text-anchor="${anchorAt(share)}"
      >${name}</text
    >`;
}

/** From the lowest to the highest with some air. */
function rangeOf(values: readonly (number | undefined)[]): Range {
  const known = values.filter((value) => value !== undefined);
  const [min, max] = [Math.min(...known), Math.max(...known)];
  const air = (max - min) * 0.12 || 0.01;
  return { min: min - air, max: max + air };
}
