import { CleanupError } from '../../lib/errors.ts';
import { formatDuration, formatRatio } from '../../lib/units.ts';
import type { TapRule } from '../tap/rule.ts';
import type { EdgeTarget, FaultSign, OnEdge } from './fault-kind.ts';

/** What the kinds have in common that act on single requests, by the edge's tap. */
export interface OnRequests extends OnEdge {
  /** Operations of the edge, "POST /v1/quotes" or "/cutover.v1.Pricing/Quote", a trailing * matches any end; none: all. */
  readonly operations?: readonly string[];
  /** At most one of these: the first N requests, `count` of each `of` in the order of arrival, or a seeded share. */
  readonly first?: number;
  readonly pattern?: { readonly count: number; readonly of: number };
  readonly share?: number;
  readonly seed: number;
}

/** A fault outlives its time by this much at most, should nobody take it away. */
const LEASE_SLACK_MS = 5_000;

/** Brings in and takes away one rule of the tap. */
export function requestFault<F extends OnRequests>(action: (fault: F) => TapRule['action']) {
  const rule = (fault: F): TapRule => {
    const { name, edge, operations, first, pattern, share, seed, startMs, endMs } = fault;
    return {
      id: name,
      edge,
      ...(operations === undefined ? {} : { operations }),
      ...(first === undefined ? {} : { first }),
      ...(pattern === undefined ? {} : { pattern }),
      ...(share === undefined ? {} : { share }),
      seed,
      action: action(fault),
      forMs: endMs - startMs + LEASE_SLACK_MS,
    };
  };
  return {
    inject: (target: EdgeTarget, fault: F) => tapOf(target, fault).setRule(rule(fault)),
    async remove(target: EdgeTarget, fault: F): Promise<void> {
      const tap = tapOf(target, fault);
      // With the process its rules are gone.
      if (tap.exit() !== undefined) return;
      const isThere = async () => (await tap.rules(fault.edge)).some(({ id }) => id === fault.name);
      try {
        if (await isThere()) await tap.removeRule(fault.edge, fault.name);
        if (!(await isThere())) return;
      } catch (error) {
        if (tap.exit() !== undefined) return;
        throw new CleanupError(`the tap of edge "${fault.edge}" could not be asked whether the fault is gone`, {
          hint: (error as Error).message,
          cause: error,
        });
      }
      throw new CleanupError(`the tap of edge "${fault.edge}" still has the rule ${fault.name}`);
    },
    async sign(target: EdgeTarget, fault: F): Promise<FaultSign> {
      const found = (await tapOf(target, fault).rules(fault.edge)).find(({ id }) => id === fault.name);
      if (found === undefined) return { seen: false, detail: 'the tap has no such rule' };
      const { acted, matched } = found;
      return { seen: acted > 0, detail: `${acted} of ${matched} requests were hit` };
    },
  };
}

/** "10% of", "the first 4 of", "4 of each 20 of"; nothing for all. */
export function describeSelection({ first, pattern, share, operations }: OnRequests): string {
  const which =
    first !== undefined
      ? `the first ${first} `
      : pattern !== undefined
        ? `${pattern.count} of each ${pattern.of} `
        : share !== undefined
          ? `${formatRatio(share)} of `
          : '';
  return `${which}${operations === undefined ? 'requests' : operations.join(', ')}`;
}

export function describeDelay(delayMs: number, jitterMs: number): string {
  return `${formatDuration(delayMs)}${jitterMs > 0 ? ` ± ${formatDuration(jitterMs)}` : ''}`;
}

function tapOf({ tap }: EdgeTarget, { edge }: OnEdge) {
  if (tap === undefined) throw new Error(`the edge "${edge}" has no tap`);
  return tap;
}
