/** What a Prometheus told about the alerts of a plan; plain data, milliseconds since the load's start. */
export interface AlertsObservation {
  /** "2.42.0", as it says. */
  readonly version: string;
  /** How far its clock is ahead of the harness's; taken out of every time here. */
  readonly clockAheadMs: number;
  /** Rules of the watched alerts, and for a Prometheus of the run's own all others too. */
  readonly rules: readonly RuleObservation[];
  /** What it scraped; empty for one that ran already. */
  readonly scrapes: readonly ScrapeObservation[];
  /** When the watched alerts fired, by time. */
  readonly firings: readonly Firing[];
  /** What kept it from being watched to the end. */
  readonly problem?: string;
}

/** One rule while the load ran. */
export interface RuleObservation {
  readonly group: string;
  /** Of the alert or of the recorded series. */
  readonly name: string;
  readonly intervalMs: number;
  /** Evaluations that were seen; polls come once a second. */
  readonly evaluations: number;
  /** The longest time that no new evaluation was seen. */
  readonly longestGapMs: number;
  /** The first error that it was seen with. */
  readonly error?: string;
}

/** One service's metrics page while the load ran. */
export interface ScrapeObservation {
  readonly service: string;
  readonly intervalMs: number;
  readonly samples: number;
  /** When a scrape failed. */
  readonly downMs: readonly number[];
  /** The longest time between two scrapes, failed ones too. */
  readonly longestGapMs: number;
}

/** One stretch in which an alert (with these labels) was firing. */
export interface Firing {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Since when its condition held, where that was seen. */
  readonly activeMs?: number;
  /** The first evaluation that had it firing. */
  readonly firedMs: number;
  /** The first that had it no longer; undefined: it fired to the end. */
  readonly resolvedMs?: number;
}
