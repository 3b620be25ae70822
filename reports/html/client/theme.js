/** @import { Tone } from '../charts/chart.ts' */

/**
 * The page's colours, for drawing on a canvas.
 *
 * @typedef {object} Theme
 * @property {string} font
 * @property {string} muted
 * @property {string} grid
 * @property {string} phase
 * @property {string} fault
 * @property {string} bad
 * @property {(tone: Tone) => string} tone
 */

/**
 * @param {Element} element
 * @returns {Theme}
 */
export function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (/** @type {string} */ name) => style.getPropertyValue(`--${name}`).trim();
  return {
    font: style.fontFamily,
    muted: read('text-muted'),
    grid: read('grid'),
    phase: read('phase'),
    fault: read('fault'),
    bad: read('fail'),
    tone: (tone) => read(`tone-${tone}`),
  };
}
