import type { AnswerProblem } from '../contracts/check-answer.ts';
import type { ContractChange } from '../contracts/contract-change.ts';
import type { DrillKind, StepPlan } from './drill-kind.ts';

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface ContractRecord {
  readonly calls: readonly ContractCall[];
  readonly openapiChanges?: ContractChanges;
  readonly protoChanges?: ContractChanges;
}

/** One request of a client of the previous contract. */
export interface ContractCall {
  readonly target: string;
  readonly protocol: 'http' | 'grpc';
  /** The operation's id, or "package.Service/Method". */
  readonly operation: string;
  /** How much of the body was sent: what is required, or all that the contract knows. */
  readonly extent: 'required' | 'all';
  readonly status: string;
  /** False: nobody was there, or was too busy: nothing is known of the contract. */
  readonly answered: boolean;
  readonly problems: readonly AnswerProblem[];
}

export interface ContractChanges {
  readonly changes: readonly ContractChange[];
  /** Why they are not known. */
  readonly problem?: string;
  readonly hint?: string;
}

/** The traffic has moved by then. */
export const CONTRACT_LEAD_MS = 500;
const CALL_MS = 40;
const TRAIL_MS = 1_000;

/**
 *   <target>   the previous contract's calls, one after the other, with the target's traffic      CON-1
 */
export const contract: DrillKind<'contract'> = {
  kind: 'contract',
  contract: ({ openapi, proto, targets }) => {
    const calls = [
      openapi === undefined ? undefined : `${openapi.calls.length} operations of ${openapi.previous}`,
      proto === undefined ? undefined : `${proto.calls.length} calls of ${proto.previous}`,
    ].filter((text) => text !== undefined);
    return `${calls.join(' and ')} work against ${targets.map(({ name }) => name).join(', ')}`;
  },
  steps: ({ openapi, proto, targets }) =>
    targets.map(({ name, traffic }): StepPlan => {
      const calls = 2 * (openapi?.calls.length ?? 0) + (proto?.calls.length ?? 0);
      return {
        step: name,
        durationMs: CONTRACT_LEAD_MS + calls * CALL_MS + TRAIL_MS,
        ...(Object.keys(traffic).length === 0 ? {} : { traffic }),
      };
    }),
};
