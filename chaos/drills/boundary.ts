import type { DrillKind, StepPlan } from './drill-kind.ts';

/** What the drill saw that no other observation holds; written by its act, read by its judge. */
export interface BoundaryRecord {
  readonly calls: readonly BoundaryCalls[];
}

/** Calls of one endpoint with one token in one step. */
export interface BoundaryCalls {
  readonly endpoint: string;
  /** "valid", "none", or what is wrong with it. */
  readonly token: string;
  readonly step: string;
  /** How often which status came. */
  readonly statuses: Readonly<Record<string, number>>;
}

export const VALID = 'valid';
export const NO_TOKEN = 'none';
/** The edges are down, or well again, by then. */
export const BOUNDARY_LEAD_MS = 700;

/**
 *   before   every endpoint with every token        SEC-1
 *   during   the same, some edges down
 *   after    the same, the edges well again
 */
export const boundary: DrillKind<'boundary'> = {
  kind: 'boundary',
  contract: ({ endpoints, down }) =>
    `${endpoints.length} endpoints refuse whoever has no good token` +
    (down.length > 0 ? `, also while ${down.join(' and ')} are down` : ''),
  steps: ({ down, for: durationMs, traffic }) =>
    [
      {
        step: 'before',
        durationMs: BOUNDARY_LEAD_MS + durationMs,
        ...(Object.keys(traffic).length === 0 ? {} : { traffic }),
      },
      ...(down.length === 0
        ? []
        : [
            {
              step: 'during',
              durationMs: BOUNDARY_LEAD_MS + durationMs,
              faults: down.map((edge) => ({ name: `down-${edge}`, fault: { kind: 'down', edge } as const })),
            },
            { step: 'after', durationMs: BOUNDARY_LEAD_MS + durationMs },
          ]),
    ] satisfies readonly StepPlan[],
};
