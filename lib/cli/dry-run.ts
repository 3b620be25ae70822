import { describeFault } from '../../chaos/faults/kinds.ts';
import { isEdgeDrill } from '../../chaos/drills/drill.ts';
import { drillKind } from '../../chaos/drills/kinds.ts';
import type { Phase, Plan } from '../plan/plan.ts';
import { planSha256, redactPlan } from '../plan/redact.ts';
import type { Traffic } from '../plan/schema/experiment.ts';
import { formatDuration } from '../units.ts';

/** The resolved schedule as text, without its secrets: phases, faults and budgets on one clock. Pure. */
export function renderSchedule(withSecrets: Plan): string {
  const plan = redactPlan(withSecrets);
  const { load, faults } = plan;
  const rows = [
    ...load.phases.flatMap((phase) => phaseRow(phase, plan)),
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
      ([capability, traffic]) => `  traffic ${capability}: ${describeTraffic(traffic)}`,
    ),
    ...plan.drills.flatMap((drill) => [
      `  drill ${drill.name}${isEdgeDrill(drill) ? ` on ${drill.on.map(({ edge }) => edge).join(', ')}` : ''}: ${drillKind(drill).contract(drill)}`,
    ]),
    ...rows.map(({ startMs, endMs, text }) => `  ${time(startMs)} – ${time(endMs)}  ${text}`),
    ...(plan.alerts?.expect ?? []).map(
      ({ alert, labels, during, within, resolves }) =>
        `  alert ${[alert, ...Object.values(labels)].join(' ')} within ${formatDuration(within)} of ${during}` +
        (resolves === undefined ? '' : `, resolved ${formatDuration(resolves)} after it`),
    ),
    `  ${plan.budgets.length} budgets, at most ${load.maxVUs} iterations at once`,
  ].join('\n');
}

/** A phase's line; all blocks of a comparison, or of a drill's step, together have one. */
function phaseRow(phase: Phase, { load }: Plan) {
  const { block } = phase;
  if (block === undefined) {
    const { startMs, endMs, name } = phase;
    return [{ startMs, endMs, text: `phase ${name.padEnd(14)} ${describeRate(phase)}${describeChanges(phase)}` }];
  }
  const ofIt = load.phases.filter((other) => other.block?.of === block.of);
  if (ofIt[0] !== phase) return [];
  const [startMs, endMs] = [phase.startMs, ofIt.at(-1)?.endMs ?? phase.endMs];
  const blocks = new Set(ofIt.map((other) => other.block?.index)).size / 2;
  const length = formatDuration(Math.round((endMs - startMs) / (2 * blocks)));
  const text = `phase ${block.of.padEnd(14)} ${describeRate(phase)}, ${blocks} blocks of ${length} each for baseline and candidate`;
  return [{ startMs, endMs, text }];
}

function describeChanges({ env = {}, traffic = {} }: Phase): string {
  const variables = Object.entries(env).map(([name, value]) => ` ${name}=${value}`);
  const moved = Object.entries(traffic).map(([capability, to]) => ` ${capability}→${describeTraffic(to)}`);
  return [...variables, ...moved].join('');
}

function describeTraffic(traffic: Traffic): string {
  return typeof traffic === 'string' ? traffic : `canary ${traffic.canary} %`;
}

/** "200/s", "0/s → 200/s", "50/s … 400/s in 12 pieces". */
export function describeRate({ fromPerSecond, toPerSecond, shape }: RateOfPhase): string {
  if (shape !== undefined) {
    const rates = shape.map(({ perSecond }) => perSecond);
    const [least, most] = [Math.min(...rates), Math.max(...rates)].map((rate) => `${Number(rate.toFixed(2))}/s`);
    return `${least} … ${most} in ${shape.length - 1} pieces`;
  }
  return fromPerSecond === toPerSecond ? `${fromPerSecond}/s` : `${fromPerSecond}/s → ${toPerSecond}/s`;
}

type RateOfPhase = Pick<Phase, 'fromPerSecond' | 'toPerSecond' | 'shape'>;
