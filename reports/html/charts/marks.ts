import { type Markup, html, raw } from '../markup.ts';
import { percent } from './place.ts';

/** Each kind of point has a shape of its own, so that colour carries nothing alone. */
export type MarkKind = 'pass' | 'fail' | 'inconclusive' | 'baseline' | 'candidate' | 'missing';

/** Around 0, CSS pixels. */
const SHAPES: Readonly<Record<MarkKind, string>> = {
  pass: '<circle r="5"/>',
  fail: '<path class="stroke" d="M-4.5 -4.5L4.5 4.5M-4.5 4.5L4.5 -4.5"/>',
  inconclusive: '<path d="M0 -6L6 5H-6Z"/>',
  baseline: '<circle r="4"/>',
  candidate: '<path d="M0 -5.5L5 0L0 5.5L-5 0Z"/>',
  missing: '<path class="stroke" d="M-3 -3L3 3M-3 3L3 -3"/>',
};

/** A point at these shares of the plot's width and height (from the top). */
export function mark(kind: MarkKind, left: number, top: number, title: string): Markup {
  return html`<svg class="mark mark-${kind}" x="${percent(left)}" y="${percent(top)}" overflow="visible">
    <title>${title}</title>
    ${raw(SHAPES[kind])}
  </svg>`;
}

export function markLegend(entries: readonly (readonly [kind: MarkKind, label: string])[]): Markup[] {
  return entries.map(
    ([kind, label]) =>
      html`<li>
        <svg class="swatch mark mark-${kind}" width="14" height="14" viewBox="-7 -7 14 14" aria-hidden="true">
          ${raw(SHAPES[kind])}</svg
        >${label}
      </li>`,
  );
}
