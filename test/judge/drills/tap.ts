import { type RequestFault, isRequestFault } from '../../../chaos/faults/fault.ts';
import { actsOn, delayOf, matchesOperation } from '../../../chaos/tap/rule-decision.ts';
import type { Attempt, FaultObservation } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import type { CallResult } from './breaker.ts';
import type { Clockwork } from './clockwork.ts';

export interface TapOptions {
  readonly plan: Plan;
  readonly clock: Clockwork;
  /** How long the callee takes. */
  readonly answerMs: () => number;
  /** How late a fault comes into force, goes, and is known to be there or gone. */
  readonly lagMs: () => number;
  /** The tap's clock minus the generator's. */
  readonly offsetMs: number;
}

export interface Call {
  readonly edge: string;
  readonly operation: string;
  readonly traceId?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface Tap {
  /** A call arrives now; `answer` is called when its answer leaves. The caller's way to give it up is returned. */
  arrive(call: Call, answer: (result: CallResult) => void): () => void;
  readonly attempts: readonly Attempt[];
  faults(): readonly FaultObservation[];
}

interface Rule {
  readonly fault: RequestFault;
  readonly hung: Set<() => void>;
  matched: number;
  acted: number;
  injectedMs?: number;
  removedMs?: number;
  readonly signs: FaultObservation['signs'][number][];
}

/** The plan's faults on requests, as the real tap does them: rules in the order they were set, each counting what it matches. */
export function tap({ plan, clock, answerMs, lagMs, offsetMs }: TapOptions): Tap {
  const attempts: { -readonly [K in keyof Attempt]: Attempt[K] }[] = [];
  const active: Rule[] = [];
  const rules = plan.faults.filter(isRequestFault).map((fault): Rule => {
    const rule: Rule = { fault, hung: new Set(), matched: 0, acted: 0, signs: [] };
    const { startMs, endMs } = fault;
    clock.at(startMs + lagMs(), () => {
      active.push(rule);
      rule.injectedMs = clock.nowMs() + lagMs();
    });
    clock.at(endMs + lagMs(), () => {
      active.splice(active.indexOf(rule), 1);
      for (const reset of rule.hung) reset();
      rule.removedMs = clock.nowMs() + lagMs();
    });
    const look = () =>
      rule.signs.push({
        atMs: clock.nowMs(),
        seen: rule.acted > 0,
        detail: `${rule.acted} of ${rule.matched} requests were hit`,
      });
    for (const share of [0.1, 0.3, 0.5, 0.7]) clock.at(startMs + share * (endMs - startMs), look);
    clock.at(endMs - 20, look);
    return rule;
  });

  const decide = ({ edge, operation }: Call): { readonly rule: Rule; readonly number: number } | undefined => {
    let decided: { readonly rule: Rule; readonly number: number } | undefined;
    for (const rule of active) {
      const { fault } = rule;
      if (fault.edge !== edge || !matchesOperation(fault, operation)) continue;
      const number = rule.matched;
      rule.matched += 1;
      const id = { id: fault.name, forMs: 0, action: { type: 'hang' } } as const;
      if (decided !== undefined || !actsOn({ ...fault, ...id }, number)) continue;
      rule.acted += 1;
      decided = { rule, number };
    }
    return decided;
  };

  return {
    attempts,
    arrive({ edge, operation, traceId, timeoutMs }, answer) {
      const decided = decide({ edge, operation });
      const attempt: (typeof attempts)[number] = {
        edge,
        operation,
        startMs: clock.nowMs() + offsetMs,
        ...(traceId === undefined ? {} : { traceId }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(decided === undefined ? {} : { rule: decided.rule.fault.name }),
        outcome: 'answered',
      };
      attempts.push(attempt);
      let isOver = false;
      const end = (outcome: Attempt['outcome'], result?: CallResult): void => {
        if (isOver) return;
        isOver = true;
        decided?.rule.hung.delete(reset);
        attempt.outcome = outcome;
        attempt.endMs = clock.nowMs() + offsetMs;
        if (result !== undefined) answer(result);
      };
      const reset = (): void => end('cut', 'failed');
      const pass = (delayMs: number): void =>
        clock.at(clock.nowMs() + delayMs + answerMs(), () => end('answered', 'ok'));
      const fault = decided?.rule.fault;
      switch (fault?.kind) {
        case undefined:
          pass(0);
          break;
        case 'request-fail': {
          const isClients = fault.status === 3 || (fault.status >= 400 && fault.status < 500);
          clock.at(clock.nowMs() + 0.2, () => end('failed', isClients ? 'client-error' : 'failed'));
          break;
        }
        case 'request-delay':
          pass(delayOf(fault.seed, fault, decided?.number ?? 0));
          break;
        case 'request-hang':
          decided?.rule.hung.add(reset);
          break;
        case 'request-cut':
          clock.at(clock.nowMs() + answerMs(), () => end('cut', 'failed'));
          break;
        default:
          fault satisfies never;
      }
      return () => end('canceled');
    },
    faults: () =>
      rules.map(({ fault, injectedMs, removedMs, signs }) => ({
        name: fault.name,
        kind: fault.kind,
        target: fault.edge,
        injectedMs,
        removedMs,
        probes: [],
        signs,
        evidence: undefined,
      })),
  };
}
