import { formatFigure } from '../../format/figures.ts';
import { type Markup, html } from '../markup.ts';
import { type DrillBars, LAYERS, type LayerKind } from './drill-bars.ts';

/** How the layers of a drill's bars look: one plain, one striped, one dotted, so that colour carries nothing alone. */

/** What fills a layer that is not one plain colour; once in a page, for all its drills. */
export function layerPatterns(): Markup {
  return html`<svg class="hidden" aria-hidden="true">
    <defs>
      <pattern id="fill-failed" class="layer-failed" width="6" height="6" patternUnits="userSpaceOnUse">
        <rect class="ground" width="6" height="6" />
        <path class="stroke" d="M-1 7L7 -1M-1 1L1 -1M5 7L7 5" />
      </pattern>
      <pattern id="fill-canceled" class="layer-canceled" width="5" height="5" patternUnits="userSpaceOnUse">
        <rect class="ground" width="5" height="5" />
        <circle cx="1.5" cy="1.5" r="1.1" />
        <circle cx="4" cy="4" r="1.1" />
      </pattern>
    </defs>
  </svg>`;
}

/** With how many requests each layer has. */
export function drillLegend({ layers: shown }: DrillBars): Markup {
  return html`<ul class="legend">
    ${LAYERS.map(({ kind, label }) => {
      const total = shown.find((layer) => layer.kind === kind)?.total ?? 0;
      return html`<li>
        <svg class="swatch layer-${kind}" width="18" height="11" aria-hidden="true">
          <rect class="area" width="18" height="11" fill="${fillOf(kind)}" />
          <rect class="edge" width="18" height="11" /></svg
        >${label}: ${formatFigure(total, 'count')}
      </li>`;
    })}
  </ul>`;
}

export function fillOf(kind: LayerKind): string {
  return kind === 'answered' ? 'currentColor' : `url(#fill-${kind})`;
}
