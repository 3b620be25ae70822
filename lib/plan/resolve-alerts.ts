import { dirname, resolve } from 'node:path';
import { burnRules } from '../alerts/burn-rules.ts';
import { lookbacksMs } from '../alerts/promql-durations.ts';
import { type RuleGroup, alertNames } from '../alerts/rule-file.ts';
import { lookbackOf, scaleRules } from '../alerts/scale-rules.ts';
import { slosOf } from '../alerts/slo.ts';
import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { formatDuration } from '../units.ts';
import type { Report } from './check-names.ts';
import { suggest } from './nearest.ts';
import type { Fault, Phase } from './plan.ts';
import { readRules } from './read-rules.ts';
import type { AlertsInput, AlertsPlan, ExpectedAlert, ScrapeTarget } from './schema/alerts.ts';
import type { Experiment } from './schema/experiment.ts';
import type { System } from './schema/system.ts';

type Own = Exclude<AlertsInput['prometheus'], { url: string }>;

/** A rate needs two samples; with fewer than three scrapes in its range, one that comes late leaves it without. */
const SCRAPES_IN_RANGE = 3;

export interface AlertsContext {
  readonly experiment: Experiment;
  /** The experiment's file. */
  readonly file: string;
  readonly system: System;
  readonly phases: readonly Phase[];
  readonly faults: readonly Fault[];
  readonly report: Report;
}

/** Alerts with their rules read, scaled and checked: names of alerts, services, faults and phases, and that there is time for it. */
export function resolveAlerts(alerts: AlertsInput, context: AlertsContext): AlertsPlan | undefined {
  const { prometheus, expect, quiet } = alerts;
  const { report } = context;
  for (const [index, expected] of expect.entries()) checkTimes(expected, `alerts.expect[${index}]`, context);
  checkTwice(expect, report);
  const rest = { expect, quiet: quiet === 'elsewhere' };
  if ('url' in prometheus) {
    const { url, labels, alerts: named } = prometheus;
    checkUrl(url, context);
    const watched = [...new Set(named ?? expect.map(({ alert }) => alert))];
    if (watched.length === 0) {
      report('alerts.prometheus.alerts', undefined, 'is missing', 'name the alerts that must be quiet, or expect one');
    }
    checkNames(expect, watched, report);
    return { prometheus: { url, labels }, watched: watched.map((alert) => ({ alert })), ...rest };
  }
  const read = allRules(prometheus, context);
  const groups = scaleRules(read ?? [], prometheus.timeScale);
  const names = alertNames(groups);
  if (read !== undefined && names.length === 0) {
    const hint = 'name rule files, or let rules be made with `rulesFromBudgets`';
    report('alerts.prometheus', undefined, 'has no alert', hint);
  } else if (read !== undefined) checkNames(expect, names, report);
  checkRanges(groups, prometheus, report);
  return {
    prometheus: {
      groups,
      scrape: targets(prometheus, context),
      scrapeIntervalMs: prometheus.scrapeInterval,
      evaluationIntervalMs: prometheus.evaluationInterval,
      timeScale: prometheus.timeScale,
    },
    watched: names.map((alert) => ({ alert, lookbackMs: lookbackOf(alert, groups) })),
    ...rest,
  };
}

/** Those of the files, and those that are made, in real time; undefined: some could not be had, which is reported. */
function allRules(
  { rules, rulesFromBudgets }: Own,
  { experiment, file, report }: AlertsContext,
): RuleGroup[] | undefined {
  const groups: RuleGroup[] = [];
  let whole = true;
  for (const [index, path] of rules.entries()) {
    const at = resolve(dirname(file), path);
    const result = readRules(at);
    if ('groups' in result) groups.push(...result.groups);
    else {
      whole = false;
      report(`alerts.prometheus.rules[${index}]`, path, result.problem, `looked at ${at}`);
    }
  }
  if (rulesFromBudgets !== undefined) {
    const slos = slosOf(experiment.budgets, experiment.load.steady, rulesFromBudgets);
    groups.push(...burnRules(slos));
    if (slos.length === 0) {
      whole = false;
      const hint = `add an errors or a latency budget of the phase "${experiment.load.steady}"`;
      report('alerts.prometheus.rulesFromBudgets', undefined, 'has no budget to make rules of', hint);
    }
  }
  return whole ? groups : undefined;
}

function targets({ scrape }: Own, { system, report }: AlertsContext): ScrapeTarget[] {
  const measured = Object.entries(system.services).flatMap(([name, { metrics }]) =>
    metrics === undefined ? [] : [name],
  );
  if (measured.length === 0) report('alerts.prometheus', undefined, 'has nothing to scrape: no service has `metrics`');
  const wanted = scrape ?? measured;
  return wanted.map((entry, index) => {
    const target = typeof entry === 'string' ? { service: entry, labels: {} } : entry;
    const { service } = target;
    if (!measured.includes(service)) {
      const known = Object.hasOwn(system.services, service);
      const message = known ? 'has no `metrics` that could be scraped' : 'unknown service';
      report(`alerts.prometheus.scrape[${index}]`, service, message, suggest(service, measured));
    }
    return target;
  });
}

function checkNames(expect: readonly ExpectedAlert[], known: readonly string[], report: Report): void {
  for (const [index, { alert }] of expect.entries()) {
    if (known.includes(alert)) continue;
    report(`alerts.expect[${index}].alert`, alert, 'no rule has this alert', suggest(alert, known));
  }
}

function checkTwice(expect: readonly ExpectedAlert[], report: Report): void {
  const keys = expect.map(({ alert, labels, during }) =>
    JSON.stringify([alert, Object.entries(labels).toSorted(([a], [b]) => a.localeCompare(b)), during]),
  );
  for (const [index, key] of keys.entries()) {
    if (keys.indexOf(key) < index) report(`alerts.expect[${index}]`, undefined, 'is there twice', 'give it once');
  }
}

function checkTimes({ during, within, resolves }: ExpectedAlert, path: string, context: AlertsContext): void {
  const { phases, faults, report } = context;
  const window = [...faults, ...phases].find(({ name }) => name === during);
  if (window === undefined) {
    const known = [...faults, ...phases].map(({ name }) => name);
    report(`${path}.during`, during, 'no such fault or phase', suggest(during, known));
    return;
  }
  const loadEndMs = phases.at(-1)?.endMs ?? 0;
  const hint = 'let the last phase be longer';
  if (window.startMs + within > loadEndMs) {
    report(`${path}.within`, within, `is later than the load's end (${formatDuration(loadEndMs)})`, hint);
  }
  if (resolves !== undefined && window.endMs + resolves > loadEndMs) {
    report(`${path}.resolves`, resolves, `is later than the load's end (${formatDuration(loadEndMs)})`, hint);
  }
}

function checkRanges(groups: readonly RuleGroup[], { scrapeInterval, timeScale }: Own, report: Report): void {
  const ranges = groups.flatMap(({ rules }) => rules.flatMap(({ expr }) => lookbacksMs(expr)));
  const shortest = Math.min(Infinity, ...ranges.filter((ms) => ms > 0));
  if (shortest >= SCRAPES_IN_RANGE * scrapeInterval) return;
  const hint = timeScale > 1 ? 'lower `timeScale`, or scrape more often' : 'scrape more often';
  const range = formatDuration(shortest);
  report('alerts.prometheus.scrapeInterval', scrapeInterval, `is too long for a range of ${range} in the rules`, hint);
}

function checkUrl(url: string, { system, report }: AlertsContext): void {
  const known = knownPlaceholders(system);
  for (const placeholder of findPlaceholders(url)) {
    if (known.includes(placeholder)) continue;
    report('alerts.prometheus.url', url, `unknown placeholder {{${placeholder}}}`, suggest(placeholder, known));
  }
  if (!/^https?:\/\//.test(url)) {
    report('alerts.prometheus.url', url, 'must be a URL such as "http://127.0.0.1:9090"');
  }
}
