/** How fast a budget may be spent over two windows together before someone is told. */
export interface BurnRate {
  /** Times as fast as would spend the whole budget in its period. */
  readonly factor: number;
  /** Prometheus durations. The long window tells that it matters, the short one that it still goes on. */
  readonly long: string;
  readonly short: string;
  readonly severity: 'page' | 'ticket';
}

/**
 * Google's Site Reliability Workbook, chapter 5, "Multiwindow, Multi-Burn-Rate Alerts", table 5-8, for a period of 30 days:
 * 2 % of the budget spent in an hour, 5 % in six hours, 10 % in three days.
 */
export const BURN_RATES: readonly BurnRate[] = [
  { factor: 14.4, long: '1h', short: '5m', severity: 'page' },
  { factor: 6, long: '6h', short: '30m', severity: 'page' },
  { factor: 1, long: '3d', short: '6h', severity: 'ticket' },
];
