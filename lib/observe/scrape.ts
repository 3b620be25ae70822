import { type MetricSample, parsePrometheusText } from './prometheus-text.ts';

/** Shorter than the second between two scrapes. */
const TIMEOUT_MS = 900;

/** Reads some metrics of one service's Prometheus page. */
export interface Scraper {
  /** The wanted samples; undefined when the page could not be had in 900 ms, which is counted and never thrown. */
  scrape(): Promise<readonly MetricSample[] | undefined>;
  readonly scrapes: () => number;
  readonly errors: () => number;
  /** What went wrong last. */
  readonly lastError: () => string | undefined;
}

export function scraper(url: string, wanted: ReadonlySet<string>, signal: AbortSignal): Scraper {
  let [scrapes, errors] = [0, 0];
  let lastError: string | undefined;
  return {
    async scrape() {
      scrapes += 1;
      try {
        const response = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) });
        const text = await response.text();
        if (!response.ok) throw new Error(`HTTP status ${response.status}`);
        return parsePrometheusText(text, wanted);
      } catch (error) {
        if (signal.aborted) return undefined;
        errors += 1;
        lastError = describe(error);
        return undefined;
      }
    },
    scrapes: () => scrapes,
    errors: () => errors,
    lastError: () => lastError,
  };
}

/** fetch says only "fetch failed"; the reason is the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
