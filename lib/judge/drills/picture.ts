import type { Check, DrillResult } from '../../../reports/model/verdict.ts';
import { type ReleaseDrillPlan, isEdgeDrill } from '../../../chaos/drills/drill.ts';
import { describeFault } from '../../../chaos/faults/kinds.ts';
import { drillKind } from '../../../chaos/drills/kinds.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Traffic } from '../../plan/schema/load.ts';
import { milliseconds } from '../words.ts';
import { type BreakerOn, openingOf } from './breaker-opening.ts';
import { goes, leastPauseMs } from './goes.ts';
import { pictureReleaseDrill } from './judge-release-drills.ts';
import { type DrillOn, arrivals, forceOf } from './subject.ts';

const BIN_MS = 100;

/** What a report shows of each drill on each edge. */
export function drillResults(plan: Plan, observations: Observations, checks: readonly Check[]): DrillResult[] {
  return plan.drills.flatMap((drill) => {
    if (!isEdgeDrill(drill)) return [releaseResult(drill, plan, observations, checks)];
    return drill.on.map((on): DrillResult => {
      const subject: DrillOn = { drill, on, plan, observations };
      const [startMs, endMs] = [drill.steps[0]?.startMs ?? 0, drill.steps.at(-1)?.endMs ?? 0];
      return {
        name: drill.name,
        kind: drill.kind,
        edge: on.edge,
        protocol: plan.system.edges[on.edge]?.protocol ?? 'tcp',
        contract: drillKind(drill).contract(drill),
        startMs,
        endMs,
        steps: drill.steps.map((step) => ({
          name: step.step,
          startMs: step.startMs,
          endMs: step.endMs,
          detail: faultIn(subject, step.phase) ?? 'no fault',
        })),
        binMs: BIN_MS,
        arrivals: binned(subject, startMs, endMs),
        marks: marksOf(subject).toSorted((a, b) => a.atMs - b.atMs),
        details: [],
        checks: checks.filter((check) => check.drill === drill.name && check.edge === on.edge).map(({ id }) => id),
      };
    });
  });
}

function releaseResult(
  drill: ReleaseDrillPlan,
  plan: Plan,
  observations: Observations,
  checks: readonly Check[],
): DrillResult {
  const { marks, details, steps } = pictureReleaseDrill({ drill, plan, observations });
  return {
    name: drill.name,
    kind: drill.kind,
    contract: drillKind(drill).contract(drill),
    startMs: drill.steps[0]?.startMs ?? 0,
    endMs: drill.steps.at(-1)?.endMs ?? 0,
    steps: [...(steps ?? stepsOf(drill, plan))],
    marks: marks.toSorted((a, b) => a.atMs - b.atMs),
    details: [...details],
    checks: checks.filter((check) => check.drill === drill.name).map(({ id }) => id),
  };
}

function stepsOf(drill: ReleaseDrillPlan, plan: Plan): DrillResult['steps'] {
  return drill.steps.map(({ step, phase, startMs, endMs }) => ({
    name: step,
    startMs,
    endMs,
    detail: plan.faults
      .filter((fault) => fault.drill === drill.name && fault.startMs < endMs && fault.endMs > startMs)
      .map((fault) => describeFault(fault))
      .concat(Object.entries(plan.load.phases.find(({ name }) => name === phase)?.traffic ?? {}).map(movedText))
      .join(', '),
  }));
}

function movedText([capability, to]: [string, Traffic]): string {
  return `${capability} → ${typeof to === 'string' ? to : `canary ${to.canary} %`}`;
}

function binned(subject: DrillOn, startMs: number, endMs: number): NonNullable<DrillResult['arrivals']> {
  const empty = () => Array.from({ length: Math.ceil((endMs - startMs) / BIN_MS) }, () => 0);
  const bins = { answered: empty(), failed: empty(), canceled: empty() };
  for (const { startMs: atMs, outcome } of arrivals(subject, startMs, endMs)) {
    const of = outcome === 'answered' ? bins.answered : outcome === 'canceled' ? bins.canceled : bins.failed;
    const bin = Math.floor((atMs - startMs) / BIN_MS);
    of[bin] = (of[bin] ?? 0) + 1;
  }
  return bins;
}

function faultIn({ drill, on, plan }: DrillOn, phase: string): string | undefined {
  const fault = plan.faults.find(
    ({ name, ...of }) => of.drill === drill.name && name.startsWith(phase) && (!('edge' in of) || of.edge === on.edge),
  );
  return fault === undefined ? undefined : describeFault(fault);
}

function marksOf(subject: DrillOn): DrillResult['marks'] {
  const { drill, on, observations } = subject;
  const own = observations.drills.find((seen) => seen.drill === drill.name);
  switch (drill.kind) {
    case 'circuit-breaker':
      return breakerMarks(subject as unknown as BreakerOn);
    case 'readiness':
      return (own?.probes ?? [])
        .filter(({ edge }) => edge === on.edge)
        .map(({ atMs, probe, up }) => ({ atMs, text: up ? probe : `not ${probe}` }));
    case 'cancellation':
      return (own?.requests ?? [])
        .filter(({ edge, status }) => edge === on.edge && status === 'canceled')
        .slice(0, 1)
        .map(({ endMs }) => ({ atMs: endMs, text: 'clients went away' }));
    case 'retry':
      return [{ atMs: forceOf(subject, 'outage').toMs, text: 'well again' }];
    case 'timeout':
    case 'idempotency':
      return [];
    default:
      return drill satisfies never;
  }
}

function breakerMarks(subject: BreakerOn): DrillResult['marks'] {
  const open = openingOf(subject);
  if ('missing' in open || !open.opened) return [];
  const { drill } = subject;
  const { fromMs, toMs } = forceOf(subject, 'hanging');
  const last = drill.steps.at(-1)?.endMs ?? toMs;
  const how = { atOnce: drill.halfOpen, apartMs: leastPauseMs(drill.openTime) };
  const probes = goes(arrivals(subject, open.leakUntilMs, toMs), how);
  const first = arrivals(subject, toMs, last).find(({ outcome }) => outcome === 'answered');
  return [
    { atMs: open.openedMs, text: `opened after ${milliseconds(open.openedMs - forceOf(subject, 'failing').fromMs)}` },
    ...probes.map(({ startMs }) => ({ atMs: startMs, text: startMs >= fromMs ? 'probe hangs' : 'probe' })),
    ...(first === undefined ? [] : [{ atMs: first.startMs, text: 'closed' }]),
  ];
}
