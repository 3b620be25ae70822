import type { Check } from '../../../reports/model/verdict.ts';
import { type EdgeDrill, isEdgeDrill } from '../../../chaos/drills/drill.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import { judgeCancellation } from './cancellation.ts';
import { judgeCircuitBreaker } from './circuit-breaker.ts';
import { judgeIdempotency } from './idempotency.ts';
import { judgeReadiness } from './readiness.ts';
import { judgeReleaseDrill } from './judge-release-drills.ts';
import { judgeRetry } from './retry.ts';
import type { DrillOn } from './subject.ts';
import { judgeTimeout } from './timeout.ts';

/** Each drill's checks; of drills on edges edge by edge. */
export function judgeDrills(plan: Plan, observations: Observations): readonly Check[] {
  return plan.drills.flatMap((drill) =>
    isEdgeDrill(drill)
      ? drill.on.flatMap((on) => judgeDrill({ drill, on, plan, observations }))
      : judgeReleaseDrill({ drill, plan, observations }),
  );
}

function judgeDrill(subject: DrillOn): readonly Check[] {
  // A kind's judge takes its own drills, which the discriminant of a part cannot tell the compiler.
  const as = <D extends EdgeDrill>() => subject as unknown as DrillOn<D>;
  switch (subject.drill.kind) {
    case 'circuit-breaker':
      return judgeCircuitBreaker(as());
    case 'timeout':
      return judgeTimeout(as());
    case 'cancellation':
      return judgeCancellation(as());
    case 'retry':
      return judgeRetry(as());
    case 'idempotency':
      return judgeIdempotency(as());
    case 'readiness':
      return judgeReadiness(as());
    default:
      return subject.drill satisfies never;
  }
}
