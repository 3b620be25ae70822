import { createLiveView } from '../../../reports/console/live-view.ts';
import { renderCapacityConsole } from '../../../reports/console/capacity.ts';
import type { Probe } from '../../../reports/model/capacity.ts';
import { findCapacity } from '../../capacity/capacity.ts';
import { probePlan } from '../../capacity/probe-plan.ts';
import { type CapacityPlan, planCapacity } from '../../capacity/settings.ts';
import { EXIT, type ExitCode } from '../../errors.ts';
import { parseOverride } from '../../plan/override.ts';
import { RUN_FILES } from '../../run-folder.ts';
import { cacheDir } from '../../toolchain/cache-dir.ts';
import { formatDuration } from '../../units.ts';
import { display } from '../display.ts';
import { loadOnePlan } from '../load-one-plan.ts';
import { toLiveStatus } from '../live-status.ts';
import { formatError } from '../print-error.ts';
import { resolveTools } from '../resolve-tools.ts';
import { abortOnSignals } from '../signals.ts';

export interface CapacityCommandOptions {
  readonly config?: string;
  readonly set: readonly string[];
  readonly from?: string;
  readonly upTo?: string;
  readonly forecast?: string;
  readonly precision?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Finds the highest rate that an experiment's budgets hold at, and prints it. */
export async function capacityCommand(name: string, options: CapacityCommandOptions): Promise<ExitCode> {
  const overrides = [...options.set, ...settingsOf(options)].map(parseOverride);
  const hint = 'capacity is looked for with one';
  const { plan, output } = await loadOnePlan(name, { configPath: options.config, overrides, hint });
  const capacity = planCapacity(plan);
  if (options.dryRun === true) {
    process.stdout.write(`${describeSearch(capacity)}\n`);
    return EXIT.pass;
  }

  const stream = options.json === true ? process.stderr : process.stdout;
  const tty = stream.isTTY && process.env['CI'] === undefined;
  const color = tty && process.env['NO_COLOR'] === undefined;
  const say = (message: string) => stream.write(`${message}\n`);
  using abort = abortOnSignals((message) => process.stderr.write(`${message}\n`));
  const tools = await resolveTools([plan], abort.signal);
  say(describeSearch(capacity));
  let current = plan;
  using view = createLiveView({ stream, tty, color, now: () => performance.now() });
  const result = await findCapacity({
    capacity,
    output,
    cacheDir: cacheDir(process.env),
    tools,
    signal: abort.signal,
    progress: (message) => view.phase(message),
    onSecond: (second) => tty && view.second(toLiveStatus(second, current)),
    onProbeStart: ({ perSecond, purpose }, index, probed) => {
      current = probed;
      view.phase(`probe ${index}: ${perSecond}/s (${purpose})`);
    },
    onProbe: (probe) => view.phase(describeProbe(probe)),
  });
  if (result.report !== undefined) {
    say(`\n${renderCapacityConsole(result.report, { color, width: stream.columns ?? 120 })}`);
  }
  if (result.error !== undefined) process.stderr.write(`${formatError(result.error)}\n`);
  say(
    result.report === undefined
      ? `run folder: ${display(result.folder)}`
      : `report: ${display(result.folder)}/${RUN_FILES.html}`,
  );
  if (options.json === true) process.stdout.write(`${JSON.stringify(result.report ?? null, null, 2)}\n`);
  return result.exitCode;
}

function settingsOf({ from, upTo, forecast, precision }: CapacityCommandOptions): string[] {
  const given = { from, upTo, forecast, precision };
  return Object.entries(given).flatMap(([key, value]) => (value === undefined ? [] : [`capacity.${key}=${value}`]));
}

function describeSearch(capacity: CapacityPlan): string {
  const { plan, settings, steady, fromPerSecond, upToPerSecond } = capacity;
  const first = probePlan(capacity, fromPerSecond);
  const { forecast, headroom } = settings;
  return [
    `capacity of ${plan.experiment}${plan.description === '' ? '' : ` — ${plan.description}`}`,
    `  from ${fromPerSecond}/s up to ${upToPerSecond}/s, to within ${settings.precision * 100} %, in at most ${settings.maxProbes} probes`,
    ...(forecast === undefined ? [] : [`  forecast ${forecast}/s, ${Math.round(headroom * 100)} % of it must hold`]),
    `  each probe: ${first.load.phases.map(({ name, startMs, endMs }) => `${name} ${formatDuration(endMs - startMs)}`).join(', ')}`,
    ...steady.budgets.map((budget) => `  holds when: ${budget.name ?? budget.kind}`),
  ].join('\n');
}

function describeProbe({ index, perSecond, outcome, reason, achievedPerSecond, p99Ms }: Probe): string {
  const achieved = achievedPerSecond === undefined ? '' : `, ${achievedPerSecond.toFixed(1)}/s done`;
  const p99 = p99Ms === undefined ? '' : `, p99 ${p99Ms.toFixed(1)} ms`;
  return `probe ${index}: ${perSecond}/s ${outcome}${achieved}${p99}${outcome === 'pass' ? '' : `: ${reason}`}`;
}
