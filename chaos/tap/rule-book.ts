import { actsOn, delayOf, matchesOperation } from './rule-decision.ts';
import type { TapRule } from './rule.ts';
import type { RuleState } from './tap.ts';

/** What is to be done with one request. */
export type Decision =
  | { readonly type: 'pass' }
  | { readonly type: 'fail'; readonly rule: string; readonly status: number }
  | { readonly type: 'delay'; readonly rule: string; readonly delayMs: number }
  | { readonly type: 'hang'; readonly rule: string; readonly hold: Hold }
  | { readonly type: 'cut'; readonly rule: string };

/** Keeps a request hung: `reset` is called when its rule is removed. The answer lets go of it, when the caller is gone. */
export type Hold = (reset: () => void) => () => void;

/** The rules of one edge. */
export interface RuleBook {
  set(rule: TapRule): void;
  /** The rule's final counters, also when its lease has ended meanwhile; undefined for one that was never set. */
  remove(id: string): RuleState | undefined;
  list(): readonly (TapRule & RuleState)[];
  decide(operation: string): Decision;
  /** No lease is left running. */
  close(): void;
}

interface ActiveRule {
  readonly rule: TapRule;
  readonly lease: NodeJS.Timeout;
  readonly hung: Set<() => void>;
  matched: number;
  acted: number;
}

const PASS: Decision = { type: 'pass' };

export function ruleBook(): RuleBook {
  const active = new Map<string, ActiveRule>();
  /** Final counters of rules whose lease ended before they were removed. */
  const expired = new Map<string, RuleState>();

  const end = (id: string): RuleState | undefined => {
    const entry = active.get(id);
    if (entry === undefined) return undefined;
    active.delete(id);
    clearTimeout(entry.lease);
    for (const reset of entry.hung) reset();
    return { matched: entry.matched, acted: entry.acted };
  };
  const expire = (id: string): void => {
    const state = end(id);
    if (state !== undefined) expired.set(id, state);
  };

  return {
    set(rule) {
      end(rule.id);
      expired.delete(rule.id);
      const lease = setTimeout(expire, rule.forMs, rule.id);
      active.set(rule.id, { rule, lease, hung: new Set(), matched: 0, acted: 0 });
    },
    remove(id) {
      const state = end(id) ?? expired.get(id);
      expired.delete(id);
      return state;
    },
    list: () => [...active.values()].map(({ rule, matched, acted }) => ({ ...rule, matched, acted })),
    decide(operation) {
      let decision = PASS;
      // Every rule counts the requests that it matches, whatever the others do: its decisions depend on arrivals alone.
      for (const entry of active.values()) {
        if (!matchesOperation(entry.rule, operation)) continue;
        const number = entry.matched;
        entry.matched += 1;
        if (decision !== PASS || !actsOn(entry.rule, number)) continue;
        entry.acted += 1;
        decision = decisionOf(entry, number);
      }
      return decision;
    },
    close() {
      for (const id of active.keys()) expire(id);
    },
  };
}

function decisionOf({ rule: { id: rule, action, seed }, hung }: ActiveRule, number: number): Decision {
  switch (action.type) {
    case 'fail':
      return { type: 'fail', rule, status: action.status };
    case 'delay':
      return { type: 'delay', rule, delayMs: delayOf(seed, action, number) };
    case 'hang':
      return {
        type: 'hang',
        rule,
        hold(reset) {
          hung.add(reset);
          return () => void hung.delete(reset);
        },
      };
    case 'cut':
      return { type: 'cut', rule };
    default:
      return action satisfies never;
  }
}
