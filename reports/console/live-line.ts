import { formatClock, formatFigure, formatPercent, UNKNOWN } from '../format/figures.ts';
import { plainText } from '../format/plain-text.ts';
import type { LiveStatus } from './live-status.ts';
import { padEnd } from './width.ts';

/**
 * One second as one line, for a log: "00:12 steady        offered 200/s  achieved 199/s  p99 4.2 ms  errors 0 %  faults: –".
 * Dropped iterations are named only when there are any.
 */
export function liveLine(status: LiveStatus): string {
  const dropped = status.dropped > 0 ? [`dropped ${formatFigure(status.dropped, 'count')}`] : [];
  const faults = status.faults.length === 0 ? UNKNOWN : status.faults.map(plainText).join(', ');
  return [
    `${formatClock(status.elapsedMs / 1_000)} ${padEnd(plainText(status.phase), 12)}`,
    padEnd(`offered ${formatFigure(status.offeredPerSecond, 'perSecond')}`, 14),
    padEnd(`achieved ${formatFigure(status.achievedPerSecond, 'perSecond')}`, 15),
    padEnd(`p99 ${formatFigure(status.p99Ms, 'ms')}`, 12),
    padEnd(`errors ${formatPercent(status.errorRatio)}`, 13),
    ...dropped,
    `faults: ${faults}`,
  ].join('  ');
}
