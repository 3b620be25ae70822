import type { RunContext } from '../../context.ts';
import { EnvironmentError } from '../../errors.ts';
import { suggest } from '../../plan/nearest.ts';
import type { AlertsPlan } from '../../plan/schema/alerts.ts';
import { startTicker } from '../ticker.ts';
import { firingsOf, longestGapMs } from './firings.ts';
import type { AlertsObservation, Firing, ScrapeObservation } from './observation.ts';
import { type PrometheusApi, type RawSeries, prometheusApi } from './prometheus-api.ts';
import { type RuleWatch, ruleWatch } from './rule-watch.ts';

const POLL_MS = 1_000;
/** What was in force when the load began is looked for so far back. */
const BEFORE_MS = 60_000;

export interface AlertsWatch extends AsyncDisposable {
  /**
   * What was seen between the load's start (Unix milliseconds) and its end, `loadEndMs` later. Call it once the load has
   * ended. Never rejects.
   */
  finish(startEpochMs: number, loadEndMs: number): Promise<AlertsObservation>;
}

/**
 * Watches a Prometheus once a second until it is disposed of: what its rules did and how they are. What fired when is read at
 * the end from the samples that it stored, which are exact.
 * EnvironmentError('prometheus-unreachable' | 'unknown-alert').
 */
export async function watchAlerts(plan: AlertsPlan, url: string, context: RunContext): Promise<AlertsWatch> {
  const stop = new AbortController();
  const api = prometheusApi(url, AbortSignal.any([context.signal, stop.signal]));
  const watch = ruleWatch();
  const { version, clockAheadMs } = await reach(plan, api, watch, url);
  let problem: string | undefined;
  const poll = async (): Promise<void> => {
    try {
      watch.add(await api.rules());
    } catch (error) {
      if (!stop.signal.aborted) problem ??= `it did not answer: ${describe(error)}`;
    }
  };
  const now = () => performance.now();
  const ticker = startTicker(now, (ms) => (Math.floor(ms / POLL_MS) + 1) * POLL_MS, poll);
  return {
    async finish(startEpochMs, loadEndMs) {
      await poll();
      const fromMs = startEpochMs + clockAheadMs;
      const seen = { version, clockAheadMs, rules: watch.between(fromMs, fromMs + loadEndMs) };
      const known = problem === undefined ? {} : { problem };
      try {
        const firings = await readFirings(plan, api, watch, fromMs, loadEndMs);
        const scrapes = await readScrapes(plan, api, fromMs, loadEndMs);
        return { ...seen, rules: seen.rules.filter(({ name }) => isOurs(plan, name)), firings, scrapes, ...known };
      } catch (error) {
        return { ...seen, firings: [], scrapes: [], problem: problem ?? `it did not answer: ${describe(error)}` };
      }
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await ticker[Symbol.asyncDispose]();
    },
  };
}

async function reach(plan: AlertsPlan, api: PrometheusApi, watch: RuleWatch, url: string) {
  try {
    const before = Date.now();
    const theirs = await api.clockMs();
    const clockAheadMs = Math.round(theirs - (before + Date.now()) / 2);
    const groups = await api.rules();
    watch.add(groups);
    requireAlerts(
      plan,
      groups.flatMap(({ rules }) => rules.map(({ name }) => name)),
    );
    // Within a round trip they are the same.
    return { version: await api.version(), clockAheadMs: Math.abs(clockAheadMs) < 50 ? 0 : clockAheadMs };
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError('prometheus-unreachable', `Prometheus at ${url}: ${describe(error)}`, {
      hint: 'check `alerts.prometheus.url`',
      cause: error,
    });
  }
}

function requireAlerts({ watched }: AlertsPlan, known: readonly string[]): void {
  for (const { alert } of watched) {
    if (known.includes(alert)) continue;
    const hint = suggest(alert, known) ?? 'it has no rules';
    throw new EnvironmentError('unknown-alert', `Prometheus has no rule for the alert ${alert}`, { hint });
  }
}

async function readFirings(
  plan: AlertsPlan,
  api: PrometheusApi,
  watch: RuleWatch,
  fromMs: number,
  loadEndMs: number,
): Promise<readonly Firing[]> {
  const names = plan.watched.map(({ alert }) => alert.replaceAll(/[^\w]/g, '.')).join('|');
  const selector = `ALERTS{alertstate="firing",alertname=~"${names}"}`;
  const series = await api.raw(selector, loadEndMs + BEFORE_MS, fromMs + loadEndMs);
  const watched = series.filter(({ labels }) => plan.watched.some(({ alert }) => alert === labels['alertname']));
  return watched
    .filter(({ labels }) => hasLabels(labels, 'url' in plan.prometheus ? plan.prometheus.labels : {}))
    .flatMap((one) => firingsOfSeries(one, watch, fromMs, loadEndMs))
    .toSorted((a, b) => a.firedMs - b.firedMs);
}

function firingsOfSeries(
  { labels, samples }: RawSeries,
  watch: RuleWatch,
  fromMs: number,
  loadEndMs: number,
): Firing[] {
  const { __name__: _name, alertstate: _state, ...own } = labels;
  const { alertname: alert = '', ...rest } = own;
  const intervalMs = watch.intervalMs(alert) ?? POLL_MS;
  const times = samples.map(([epochMs]) => epochMs - fromMs);
  const since = watch.activeSince(own).map((epochMs) => epochMs - fromMs);
  return firingsOf(times, intervalMs, loadEndMs).map((firing) => {
    const activeMs = since
      .filter((atMs) => atMs <= firing.firedMs)
      .toSorted((a, b) => a - b)
      .at(-1);
    return { alert, labels: rest, ...firing, ...(activeMs === undefined ? {} : { activeMs }) };
  });
}

async function readScrapes(
  { prometheus }: AlertsPlan,
  api: PrometheusApi,
  fromMs: number,
  loadEndMs: number,
): Promise<readonly ScrapeObservation[]> {
  if ('url' in prometheus) return [];
  const { scrapeIntervalMs: intervalMs } = prometheus;
  const series = await api.raw('up', loadEndMs, fromMs + loadEndMs);
  return prometheus.scrape.map(({ service, labels }) => {
    const own = series.find((one) => hasLabels(one.labels, { service, ...labels }));
    const samples = (own?.samples ?? []).map(([epochMs, value]) => ({ atMs: epochMs - fromMs, value }));
    return {
      service,
      intervalMs,
      samples: samples.length,
      downMs: samples.filter(({ value }) => value !== 1).map(({ atMs }) => atMs),
      longestGapMs: longestGapMs(
        samples.map(({ atMs }) => atMs),
        0,
        loadEndMs,
      ),
    };
  });
}

/** A Prometheus that ran already has rules that are nothing to this run. */
function isOurs({ prometheus, watched }: AlertsPlan, name: string): boolean {
  return !('url' in prometheus) || watched.some(({ alert }) => alert === name);
}

function hasLabels(actual: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  return Object.entries(wanted).every(([name, value]) => actual[name] === value);
}

/** fetch says only "fetch failed"; the reason is the cause. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}
