import type { Fault, Phase, Plan } from '../plan/plan.ts';
import type { Budget } from '../plan/schema/budgets.ts';
import { kindOf } from './kinds.ts';
import type { SweepPlan } from './sweep-plan.ts';
import type { Track } from './tracks.ts';

/** Connections, pools, caches; a service that is not started afresh for each cell also gets over the fault before. */
const WARM_UP_MS = 2_000;
const WARM_UP_OF_RUNNING_MS = 7_000;
/** What the fault's time is compared with. */
const LEAST_STEADY_MS = 4_000;
/** The fault is seen to be gone, and its last requests end. */
const RECOVERY_MS = 3_000;
/** However many events a budget asks for. */
const MOST_JUDGED_MS = 60_000;

/** The name of the phase that the fault is in force in; the steady phase has the experiment's name for it. */
export function faultPhaseOf({ load }: Plan): string {
  return freeName('fault', load.steady);
}

/**
 * The plan of one cell: at the steady phase's rate, with its traffic and its variables, a warm-up, the steady phase, a phase
 * with the fault in force, and a recovery. The steady phase's budgets are judged there (else nothing is learnt), and with the
 * same limits during the fault. Both phases last longer where a budget needs more events than come in their time: twice its
 * `minEvents`, since an operation is a part of the load. Pure.
 */
export function cellPlan(sweep: SweepPlan, track: Track, level: number): Plan {
  const { plan, steady, forMs } = sweep;
  const neededMs = Math.min(MOST_JUDGED_MS, (eventsFor(steady.budgets) / steady.perSecond) * 1_000);
  const runsAlready = Object.values(plan.system.services).some((service) => 'url' in service);
  const phases: Phase[] = [];
  const add = (name: string, durationMs: number): Phase => {
    const startMs = phases.at(-1)?.endMs ?? 0;
    const phase = {
      name,
      startMs,
      endMs: startMs + Math.ceil(durationMs / 1_000) * 1_000,
      fromPerSecond: steady.perSecond,
      toPerSecond: steady.perSecond,
      ...(steady.phase.env === undefined ? {} : { env: steady.phase.env }),
    };
    phases.push(phase);
    return phase;
  };
  const faultPhase = faultPhaseOf(plan);
  add(freeName('warm-up', plan.load.steady), runsAlready ? WARM_UP_OF_RUNNING_MS : WARM_UP_MS);
  add(plan.load.steady, Math.max(LEAST_STEADY_MS, neededMs));
  const { startMs, endMs } = add(faultPhase, Math.max(forMs, neededMs));
  add(freeName('recovery', plan.load.steady), RECOVERY_MS);

  const { comparison: _comparison, capacity: _capacity, alerts: _alerts, history: _history, ...rest } = plan;
  return {
    ...rest,
    traffic: steady.traffic,
    load: { ...plan.load, phases },
    faults: [faultOf(plan, track, level, { startMs, endMs })],
    drills: [],
    budgets: [...steady.budgets, ...steady.budgets.map((budget) => ({ ...budget, phase: faultPhase }))],
  };
}

/** How long a cell's load runs. */
export function loadMsOf({ load }: Plan): number {
  return load.phases.at(-1)?.endMs ?? 0;
}

function faultOf(plan: Plan, track: Track, level: number, times: Pick<Fault, 'startMs' | 'endMs'>): Fault {
  const { edge, kind, target, ladder } = track;
  const rung = ladder[level];
  if (rung === undefined) throw new RangeError(`${kind} on ${target} has no intensity ${level}`);
  const protocol = plan.system.edges[edge]?.protocol ?? 'tcp';
  const name = `${kind}-${target}`;
  return kindOf(kind).fault(rung.value, { name, edge, service: target, protocol, seed: plan.seed, ...times });
}

function eventsFor(budgets: readonly Budget[]): number {
  return budgets.reduce((most, budget) => Math.max(most, 'minEvents' in budget ? 2 * budget.minEvents : 0), 0);
}

/** A name that the steady phase does not have. */
function freeName(name: string, steady: string): string {
  return name === steady ? `${name}-of-cell` : name;
}
