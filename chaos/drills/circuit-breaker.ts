import { formatDuration } from '../../lib/units.ts';
import type { DrillOf } from '../../lib/plan/schema/drills.ts';
import { GRPC_CODES } from '../grpc-codes.ts';
import type { DrillKind, StepContext, StepFault } from './drill-kind.ts';

/** Time for enough of the calls that a step is about, at the rates at which tests are run. */
const WATCH_MS = 4_000;
/** Share of the call's time-out that a slow callee takes: as much as the caller bears. */
const SLOW_SHARE = 0.8;
/** A failure is answered at once, a call that passes so much later at most. */
const OVERTAKE_S = 0.1;
/** The next fault begins before the one before it ends: a callee that is well for a moment would close the breaker. */
const OVERLAP_MS = 200;

/**
 * From the declared contract alone, step by step:
 *
 *   below          failures in rows one shorter than the threshold, with successes in between     BRK-6
 *   client-errors  every call is answered with the client's fault                                 BRK-6
 *   slow           every call takes most of its time-out                                          BRK-7
 *   settle         well again
 *   failing        every call fails: it opens, and probes                                         BRK-1 BRK-2 BRK-3
 *   hanging        no call is answered: probes hang                                               BRK-4
 *   healed         well again: it closes                                                          BRK-5
 */
export const circuitBreaker: DrillKind<'circuit-breaker'> = {
  kind: 'circuit-breaker',
  contract: ({ threshold, openTime, halfOpen, callTimeout, whileOpen }) =>
    `opens after ${threshold} failures in a row, stays open for ${formatDuration(openTime)}, then lets ${halfOpen} ` +
    `through at a time; calls give up after ${formatDuration(callTimeout)}; while open ` +
    (whileOpen === 'fallback' ? 'it falls back' : 'it refuses'),
  steps(drill, context) {
    const { threshold, openTime, callTimeout } = drill;
    const openings = 3 * openTime;
    return [
      ...(threshold > 1
        ? [
            {
              step: 'below',
              durationMs: WATCH_MS,
              // So many pass in between that answers which overtake one another make no row longer.
              faults: onEach(drill, 'below', context, (on) => ({
                ...failure(on.edge, 'unavailable', context),
                pattern: {
                  count: threshold - 1,
                  of: threshold + Math.max(threshold, 4, Math.ceil(OVERTAKE_S * context.perSecond)),
                },
              })),
            },
          ]
        : []),
      {
        step: 'client-errors',
        durationMs: WATCH_MS / 2,
        faults: onEach(drill, 'client-errors', context, (on) => failure(on.edge, 'client-error', context)),
      },
      {
        step: 'slow',
        durationMs: 1.5 * WATCH_MS,
        faults: onEach(drill, 'slow', context, () => ({
          kind: 'request-delay',
          delayMs: SLOW_SHARE * callTimeout,
          jitterMs: 0,
        })),
      },
      // Also for a breaker that was tripped by what came before.
      { step: 'settle', durationMs: Math.max(callTimeout, openTime) + 1_000 },
      {
        step: 'failing',
        durationMs: openings + 1_000,
        faults: onEach(drill, 'failing', context, (on) => failure(on.edge, 'unavailable', context)),
      },
      {
        step: 'hanging',
        durationMs: openings + 3 * callTimeout,
        faults: onEach(drill, 'hanging', context, () => ({ kind: 'request-hang' })).map((fault) => ({
          ...fault,
          fromMs: -OVERLAP_MS,
        })),
      },
      { step: 'healed', durationMs: openTime + callTimeout + WATCH_MS },
    ];
  },
};

type On = DrillOf<'circuit-breaker'>['on'][number];
type RequestSpec =
  | { readonly kind: 'request-fail'; readonly status: number; readonly pattern?: { count: number; of: number } }
  | { readonly kind: 'request-delay'; readonly delayMs: number; readonly jitterMs: number }
  | { readonly kind: 'request-hang' };

function onEach(
  { on }: DrillOf<'circuit-breaker'>,
  step: string,
  { seedOf }: StepContext,
  specOf: (on: On) => RequestSpec,
): StepFault[] {
  return on.map((one) => ({
    name: `${step}-${one.edge}`,
    fault: {
      edge: one.edge,
      ...(one.calls === undefined ? {} : { operations: one.calls }),
      seed: seedOf(`${step} ${one.edge}`),
      ...specOf(one),
    },
  }));
}

/** What a callee answers that is unwell, or that was asked for nonsense. */
function failure(edge: string, what: 'unavailable' | 'client-error', { protocolOf }: StepContext) {
  const [http, grpc] = what === 'unavailable' ? [503, 'UNAVAILABLE'] : [400, 'INVALID_ARGUMENT'];
  const status = protocolOf(edge) === 'grpc' ? (GRPC_CODES[grpc] ?? 2) : http;
  return { kind: 'request-fail', status } as const;
}
