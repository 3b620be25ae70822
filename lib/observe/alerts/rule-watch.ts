import { longestGapMs } from './firings.ts';
import type { RuleObservation } from './observation.ts';
import type { RuleGroups } from './prometheus-api.ts';

/** Adds up what polls tell about rules. */
export interface RuleWatch {
  add(groups: RuleGroups): void;
  /** By alert and labels: since when its condition held, Unix milliseconds, each time that this changed. */
  activeSince(labels: Readonly<Record<string, string>>): readonly number[];
  /** What was seen of every rule between two moments (Unix milliseconds). */
  between(fromMs: number, toMs: number): readonly RuleObservation[];
  /** Of the rule's group; undefined: there is no such alert. */
  intervalMs(alert: string): number | undefined;
}

interface Seen {
  readonly group: string;
  readonly name: string;
  readonly intervalMs: number;
  readonly evaluatedMs: Set<number>;
  error: string | undefined;
}

export function ruleWatch(): RuleWatch {
  const rules = new Map<string, Seen>();
  const active = new Map<string, Set<number>>();
  return {
    add(groups) {
      for (const { name: group, interval, rules: ofGroup } of groups) {
        for (const [index, rule] of ofGroup.entries()) {
          const key = JSON.stringify([group, index, rule.name]);
          const known = rules.get(key);
          const seen = known ?? {
            group,
            name: rule.name,
            intervalMs: interval * 1_000,
            evaluatedMs: new Set<number>(),
            error: undefined,
          };
          rules.set(key, seen);
          const evaluatedMs = Date.parse(rule.lastEvaluation);
          // A rule that was never evaluated has the year 1.
          if (evaluatedMs > 0) seen.evaluatedMs.add(evaluatedMs);
          if (rule.health === 'err') seen.error ??= rule.lastError;
          for (const { labels, activeAt } of rule.alerts) {
            const of = keyOf(labels);
            active.set(of, (active.get(of) ?? new Set()).add(Date.parse(activeAt)));
          }
        }
      }
    },
    activeSince: (labels) => [...(active.get(keyOf(labels)) ?? [])],
    between: (fromMs, toMs) =>
      [...rules.values()].map(({ group, name, intervalMs, evaluatedMs, error }) => {
        const times = [...evaluatedMs];
        return {
          group,
          name,
          intervalMs,
          evaluations: times.filter((atMs) => atMs >= fromMs && atMs <= toMs).length,
          longestGapMs: longestGapMs(times, fromMs, toMs),
          ...(error === undefined ? {} : { error }),
        };
      }),
    intervalMs: (alert) => [...rules.values()].find(({ name }) => name === alert)?.intervalMs,
  };
}

function keyOf(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
