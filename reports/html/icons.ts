import type { Outcome } from '../model/verdict.ts';
import { type Markup, html, raw } from './markup.ts';

/** Each outcome has a shape of its own (disc, octagon, triangle), so that colour carries nothing alone. */
const SHAPES: Readonly<Record<Outcome, string>> = {
  pass: '<circle cx="12" cy="12" r="11"/><path class="sign" d="M6.8 12.4l3.5 3.5 7-7.4"/>',
  fail: '<path d="M7.4 1h9.2L23 7.4v9.2L16.6 23H7.4L1 16.6V7.4z"/><path class="sign" d="M8 8l8 8M16 8l-8 8"/>',
  inconclusive: '<path d="M12 1.5l11 20H1z"/><path class="sign" d="M12 8.5v6M12 17.9v.2"/>',
};

const FILLS: Readonly<Record<Outcome, string>> = { pass: '#15803d', fail: '#c81e1e', inconclusive: '#a15c07' };

/** The outcome's picture; the word stands beside it, so it says nothing to a screen reader. */
export function outcomeIcon(outcome: Outcome): Markup {
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${raw(SHAPES[outcome])}</svg>`;
}

/** Icon and word. */
export function outcomeChip(outcome: Outcome): Markup {
  return html`<span class="outcome is-${outcome}">${outcomeIcon(outcome)}${outcome}</span>`;
}

/** The same picture for the browser's tab, as a data URL. */
export function favicon(outcome: Outcome): string {
  const shape = SHAPES[outcome].replace('class="sign"', 'fill="none" stroke="#fff" stroke-width="2.4"');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><g fill="${FILLS[outcome]}">${shape}</g></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
