import type { DrillKind, StepPlan } from './drill-kind.ts';

/** For the requests of one step. */
const STEP_MS = 2_000;
/** The write before a restart is done by then; the restart itself, and the repeat after it, need the rest. */
const RESTART_AFTER_MS = 1_500;
const RESTARTED_MS = 4_000;
/** After the step's start the services run again. */
export const RESTART_WITHIN_MS = RESTART_AFTER_MS + RESTARTED_MS;
const REPEAT_MS = 2_500;

/**
 *   duplicates   `copies` of one write at once
 *   cut          `copies` at once, and the callee's first answer is lost; repeated until one is answered
 *   restart      a write, a restart of the services, the same write again
 *   version-N    a write with the first version's traffic, the same again with each of the others      IDM-1
 */
export const idempotency: DrillKind<'idempotency'> = {
  kind: 'idempotency',
  contract: ({ copies, restart, versions }) =>
    `${copies} copies of a write have one effect and one answer` +
    (restart.length > 0 ? `, also across a restart of ${restart.join(' and ')}` : '') +
    (versions.length > 1 ? `, and across ${versions.length} versions` : ''),
  steps: ({ on, restart, versions }, { seedOf }) => [
    { step: 'duplicates', durationMs: STEP_MS },
    {
      step: 'cut',
      durationMs: STEP_MS,
      faults: on.map(({ edge, calls }) => ({
        name: `cut-${edge}`,
        fault: {
          kind: 'request-cut',
          edge,
          ...(calls === undefined ? {} : { operations: calls }),
          first: 1,
          seed: seedOf(`cut ${edge}`),
        },
      })),
    },
    ...(restart.length === 0
      ? []
      : [
          {
            step: 'restart',
            durationMs: RESTART_WITHIN_MS + REPEAT_MS,
            faults: restart.map((service) => ({
              name: `restart-${service}`,
              fault: { kind: 'restart', service } as const,
              fromMs: RESTART_AFTER_MS,
              untilMs: RESTART_WITHIN_MS,
            })),
          },
        ]),
    ...versions.map((traffic, index): StepPlan => ({ step: `version-${index + 1}`, durationMs: STEP_MS, traffic })),
  ],
};
