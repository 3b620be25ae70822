/** @import uPlot from 'uplot' */

/**
 * uPlot's legend entries react to the mouse alone: makes buttons of them, for the keyboard and for screen readers.
 *
 * @param {uPlot} plot
 */
export function makeLegendOperable(plot) {
  const entries = [...plot.root.querySelectorAll('.u-legend .u-series')].slice(1);
  entries.forEach((entry, index) => {
    const button = entry.querySelector('th');
    if (button === null) return;
    const say = () => button.setAttribute('aria-pressed', String(plot.series[index + 1]?.show !== false));
    button.setAttribute('role', 'button');
    button.tabIndex = 0;
    button.title = 'Show or hide this line';
    button.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return;
      event.preventDefault();
      button.click();
    });
    button.addEventListener('click', () => queueMicrotask(say));
    say();
  });
}
