import type { AlertsObservation, RuleObservation, ScrapeObservation } from '../../observe/alerts/observation.ts';
import { type Finding, inconclusive } from '../finding.ts';
import { milliseconds } from '../words.ts';
import type { AlertsSubject } from './subject.ts';

/** So many intervals without a scrape or an evaluation are a gap, but not under this. */
const INTERVALS = 3;
const LEAST_GAP_MS = 3_000;
/** A service that was ended by a fault is scraped again a little after it is back. */
const BACK_MS = 5_000;

const HINT = "see Prometheus' log in the run folder, and let the machine do nothing else meanwhile";

/**
 * What Prometheus did not see decides nothing: every rule must have been evaluated all the time and without errors, every
 * service scraped (but for one whose processes a fault has ended). Undefined: it saw all.
 */
export function notWatched(subject: AlertsSubject): Finding | undefined {
  const { alerts: seen } = subject.observations;
  const problem = seen === undefined ? 'alerts were not watched' : problemOf(seen, subject);
  return problem === undefined ? undefined : inconclusive(problem, { hint: HINT });
}

function problemOf(seen: AlertsObservation, subject: AlertsSubject): string | undefined {
  if (seen.problem !== undefined) return `Prometheus could not be watched: ${seen.problem}`;
  const rules = seen.rules.map(ruleProblem).find((problem) => problem !== undefined);
  if (rules !== undefined) return rules;
  if (seen.rules.length === 0) return 'Prometheus has no rules';
  return seen.scrapes.map((scrape) => scrapeProblem(scrape, subject)).find((problem) => problem !== undefined);
}

function ruleProblem({ name, error, evaluations, intervalMs, longestGapMs }: RuleObservation): string | undefined {
  if (error !== undefined) return `the rule ${name} failed: ${error}`;
  if (evaluations === 0) return `the rule ${name} was never evaluated under load`;
  return isGap(longestGapMs, intervalMs)
    ? `the rule ${name} was not evaluated for ${milliseconds(longestGapMs)}`
    : undefined;
}

function scrapeProblem(scrape: ScrapeObservation, { plan, observations }: AlertsSubject): string | undefined {
  const { service, samples, downMs, intervalMs, longestGapMs } = scrape;
  if (samples === 0) return `${service} was never scraped under load`;
  if (isGap(longestGapMs, intervalMs)) return `${service} was not scraped for ${milliseconds(longestGapMs)}`;
  const ended = observations.faults.filter(({ name }) =>
    plan.faults.some((fault) => fault.name === name && 'service' in fault && fault.service === service),
  );
  const unexplained = downMs.filter(
    (atMs) =>
      !ended.some(
        ({ injectedMs = Infinity, removedMs = Infinity }) => atMs >= injectedMs - 1_000 && atMs <= removedMs + BACK_MS,
      ),
  );
  // One scrape that took too long leaves no hole that a range of three would fall into.
  const row = unexplained.find((atMs, index) => (unexplained[index + 1] ?? Infinity) - atMs <= 1.5 * intervalMs);
  return row === undefined ? undefined : `${service} could not be scraped ${milliseconds(row)} after the load's start`;
}

function isGap(gapMs: number, intervalMs: number): boolean {
  return gapMs > Math.max(LEAST_GAP_MS, INTERVALS * intervalMs);
}
