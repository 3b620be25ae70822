import type { Fault, Plan } from '../plan/plan.ts';
import { planSha256 } from '../plan/redact.ts';
import { formatDuration } from '../units.ts';

/** The resolved schedule as text: phases, faults and budgets on one clock. Pure. */
export function renderSchedule(plan: Plan): string {
  const { load, faults } = plan;
  const rows = [
    ...load.phases.map((phase) => ({
      startMs: phase.startMs,
      endMs: phase.endMs,
      text: `phase ${phase.name.padEnd(14)} ${describeRate(phase)}`,
    })),
    ...faults.map((fault) => ({
      startMs: fault.startMs,
      endMs: fault.endMs,
      text: `fault ${fault.name.padEnd(14)} ${describeFault(fault)}`,
    })),
  ].toSorted((a, b) => a.startMs - b.startMs);
  const time = (ms: number) => formatDuration(ms).padStart(7);
  return [
    `${plan.experiment}${plan.description === '' ? '' : ` — ${plan.description}`}`,
    `  plan ${planSha256(plan).slice(0, 12)}  seed ${plan.seed}  scenario ${load.scenario}`,
    ...Object.entries(plan.traffic).map(
      ([capability, traffic]) =>
        `  traffic ${capability}: ${typeof traffic === 'string' ? traffic : `canary ${traffic.canary} %`}`,
    ),
    ...rows.map(({ startMs, endMs, text }) => `  ${time(startMs)} – ${time(endMs)}  ${text}`),
    `  ${plan.budgets.length} budgets, at most ${load.maxVUs} iterations at once`,
  ].join('\n');
}

/** "200/s", "0/s → 200/s". */
export function describeRate({ fromPerSecond, toPerSecond }: { fromPerSecond: number; toPerSecond: number }): string {
  return fromPerSecond === toPerSecond ? `${fromPerSecond}/s` : `${fromPerSecond}/s → ${toPerSecond}/s`;
}

export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'latency':
      return `latency ${formatDuration(fault.latencyMs)}${fault.jitterMs === 0 ? '' : ` ± ${formatDuration(fault.jitterMs)}`} on ${fault.edge}`;
    case 'down':
      return `down on ${fault.edge}`;
    default:
      return fault satisfies never;
  }
}
