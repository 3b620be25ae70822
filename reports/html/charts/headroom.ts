import { bracketText } from '../../format/capacity.ts';
import { formatFigure, formatPercent } from '../../format/figures.ts';
import type { CapacityReport } from '../../model/capacity.ts';
import { type Markup, html } from '../markup.ts';
import { percent } from './place.ts';

const BAR = { top: 22, height: 18 };
const HEIGHT = 62;

/** A bar up to the last rate that held, the bracket behind it, and lines at the forecast and at what is wanted of it. */
export function headroomBar(report: CapacityReport): Markup | undefined {
  const { forecastPerSecond: forecast, headroomWanted, lastPassPerSecond = 0, firstFailPerSecond, outcome } = report;
  if (forecast === undefined) return undefined;
  const wanted = forecast * headroomWanted;
  const end = Math.max(forecast, wanted, lastPassPerSecond, firstFailPerSecond ?? 0) * 1.08;
  const at = (rate: number) => rate / end;
  const bracket =
    firstFailPerSecond === undefined || firstFailPerSecond <= lastPassPerSecond
      ? ''
      : html`<rect
          class="unknown"
          x="${percent(at(lastPassPerSecond))}"
          width="${percent(at(firstFailPerSecond - lastPassPerSecond))}"
          y="${BAR.top}"
          height="${BAR.height}"
        />`;
  const rule = (rate: number, name: string, y: number) => {
    const anchor = at(rate) < 0.5 ? 'start' : 'end';
    return html`<line
        x1="${percent(at(rate))}"
        x2="${percent(at(rate))}"
        y1="${BAR.top - 5}"
        y2="${BAR.top + BAR.height + 5}"
      />
      <text x="${percent(at(rate))}" y="${y}" text-anchor="${anchor}"
        >${name} ${formatFigure(rate, 'perSecond')}</text
      >`;
  };
  const share = `${formatPercent(headroomWanted)} of it`;
  return html`<svg
    class="headroom is-${outcome}"
    height="${HEIGHT}"
    role="img"
    aria-label="Holds ${bracketText(report)}; the forecast is ${formatFigure(forecast, 'perSecond')}, wanted is ${formatFigure(wanted, 'perSecond')}"
  >
    <rect class="room" width="100%" y="${BAR.top}" height="${BAR.height}" rx="4" />
    <rect class="held" width="${percent(at(lastPassPerSecond))}" y="${BAR.top}" height="${BAR.height}" rx="4" />
    ${bracket} ${headroomWanted === 1 ? '' : rule(forecast, 'forecast', HEIGHT - 4)}
    ${rule(wanted, headroomWanted === 1 ? 'forecast' : share, 12)}
  </svg>`;
}
