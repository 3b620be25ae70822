import { evidenceEdges } from '../../chaos/faults/evidence-edges.ts';
import { isRequestFault, isServiceFault } from '../../chaos/faults/fault.ts';
import { probeOf } from '../../chaos/faults/kinds.ts';
import type { Check } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Fault, Plan } from '../plan/plan.ts';
import { edgeDisturbed, signsDisturbed } from './edge-disturbed.ts';
import { evidenceRise } from './evidence-rise.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { outcomeShift } from './outcome-shift.ts';
import { safely } from './safely.ts';
import { percent } from './words.ts';

/**
 * HRN-4: was the fault real? It takes both: the harness's own round trips through the edge's proxy were disturbed, and
 * the traffic felt it (the edge's evidence counter rose, or the clients' outcomes got worse). A fault without effect
 * proves nothing about the system, so without both the check is inconclusive; it is never red.
 */
export function judgeFaultEffect(fault: Fault, plan: Plan, observations: Observations): Check {
  return safely(
    {
      id: `fault-effect:${fault.name}`,
      title: `the fault ${fault.name} was real`,
      kind: 'fault-effect',
      catalogue: 'HRN-4',
      limit: isServiceFault(fault)
        ? 'the service is disturbed, and the traffic feels it'
        : 'the edge is disturbed, and the traffic feels it',
    },
    () => finding(fault, plan, observations),
  );
}

function finding(fault: Fault, plan: Plan, observations: Observations): Finding {
  const seen = observations.faults.find(({ name }) => name === fault.name);
  if (seen?.injectedMs === undefined) {
    return inconclusive('not reached: the fault was never injected', { measured: 'not reached' });
  }
  const force = { injectedMs: seen.injectedMs, removedMs: seen.removedMs ?? observations.loadEndMs };
  const probe = probeOf(fault);
  const edge = probe === undefined ? signsDisturbed(seen.signs) : edgeDisturbed(probe.shows(fault), seen.probes);
  const rise = evidenceRise(seen.evidence, force);
  const shift = outcomeShift(observations.seconds, plan.load.steady, force);
  // A fault on single requests is felt by those that it hits, one of a drill by what the drill does.
  const byItself = isRequestFault(fault) || fault.drill !== undefined;
  const felt = (byItself && edge.disturbed) || (rise !== undefined && rise >= 1) || shift.significant;

  const counter = evidenceEdges(fault, plan.system).map((name) => plan.system.edges[name]?.evidence?.metric)[0];
  const counterText = counterFelt(counter, rise);
  const shiftText =
    shift.events === 0
      ? 'no requests to compare'
      : `${percent(shift.steadyRatio)} → ${percent(shift.faultRatio)} of ${shift.operation} failed or slow`;
  const result = {
    measured: byItself ? edge.measured : `${edge.measured}; ${counterText}; ${shiftText}`,
    events: seen.probes.length + seen.signs.length + shift.events,
    evidence: figures({
      edgeDisturbed: edge.disturbed,
      ...edge.evidence,
      evidenceRise: rise,
      worseSteadyRatio: shift.steadyRatio,
      worseFaultRatio: shift.faultRatio,
      worseEvents: shift.worse,
      zScore: shift.z,
    }),
  };
  if (edge.disturbed && felt) {
    return {
      outcome: 'pass',
      reason: byItself
        ? edge.measured
        : `${edge.measured}, and the traffic felt it: ${rise !== undefined && rise >= 1 ? counterText : shiftText}`,
      ...result,
    };
  }
  const missing = [
    edge.disturbed
      ? undefined
      : `${isServiceFault(fault) ? 'the service' : 'the edge'} was not seen to be disturbed (${edge.missing})`,
    felt || byItself ? undefined : `the traffic was not seen to feel it (${counterText}; ${shiftText})`,
  ].filter((text) => text !== undefined);
  return inconclusive(missing.join('; '), {
    ...result,
    hint: felt
      ? "check that the edge's `to` is the service that is called, and that the fault lasts several seconds"
      : `check that the caller reaches the callee through the edge; ${counter === undefined ? "name a counter of the caller as the edge's `evidence`" : "check the evidence counter's labels"}, make the fault longer, or raise the load`,
  });
}

function counterFelt(counter: string | undefined, rise: number | undefined): string {
  if (counter === undefined) return 'no evidence counter';
  return rise === undefined
    ? `${counter} was not seen around the fault`
    : `${counter} rose by ${Number(rise.toPrecision(6))}`;
}
