import type { CapacityReport, Probe } from '../../reports/model/capacity.ts';
import { writeCapacityReports } from '../../reports/write-capacity-reports.ts';
import { describeEnvironment } from '../environment.ts';
import { type CutoverError, EXIT, type ExitCode } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { planSha256 } from '../plan/redact.ts';
import { createRunFolder } from '../run-folder.ts';
import { type PartOptions, runPart } from '../search/run-part.ts';
import { VERSION } from '../version.ts';
import { type SearchFound, assembleReport } from './assemble-report.ts';
import { toProbe } from './probe.ts';
import { probePlan } from './probe-plan.ts';
import { notRecovered } from './recovered.ts';
import { type ProbeRequest, search } from './search.ts';
import type { CapacityPlan } from './settings.ts';

/** A system that is not restarted may rest so long after an overload, where the settings' time was not enough. */
const LONGEST_COOL_DOWN_MS = 30_000;

export interface CapacityOptions extends PartOptions {
  readonly capacity: CapacityPlan;
  readonly onProbeStart: (request: ProbeRequest, index: number, plan: Plan) => void;
  readonly onProbe: (probe: Probe) => void;
}

export interface CapacityResult {
  readonly folder: string;
  readonly exitCode: ExitCode;
  /** Undefined when not even one probe was made: then `error` says why. */
  readonly report: CapacityReport | undefined;
  readonly error: CutoverError | undefined;
}

/**
 * Finds the highest rate that holds: asks `search` what to probe, runs each probe as an experiment of its own (plan →
 * provision → drive → observe → judge → report, in a folder of the search's folder), and reports the answer.
 *
 * A search that was aborted, or in which a probe could not be run, is reported with what it has.
 */
export async function findCapacity(options: CapacityOptions): Promise<CapacityResult> {
  const { capacity, output, tools, signal } = options;
  const { plan, settings, fromPerSecond, upToPerSecond } = capacity;
  const startedAt = new Date();
  const folder = createRunFolder(output, `${plan.experiment}-capacity`, startedAt);
  const probes: Probe[] = [];
  let error: CutoverError | undefined;

  const { precision, maxProbes } = settings;
  const steps = search({ fromPerSecond, upToPerSecond, precision, maxProbes });
  let step = steps.next();
  let coolDownMs = settings.coolDown;
  while (step.done !== true) {
    const request = step.value;
    const index = probes.length + 1;
    const name = `${String(index).padStart(2, '0')}-${Number(request.perSecond.toPrecision(4))}`;
    const probed = probePlan(capacity, request.perSecond, coolDownMs);
    options.onProbeStart(request, index, probed);
    const result = await runPart({ plan: probed, whole: folder, folder: `probes/${name}`, index }, options);
    ({ error } = result);
    if (result.verdict === undefined || error !== undefined || signal.aborted) break;
    const seconds = result.seconds();
    const afterOverload = (probes.at(-1)?.outcome ?? 'pass') !== 'pass';
    const leftover = afterOverload ? notRecovered(probed, seconds) : undefined;
    const probe = toProbe({
      request,
      index,
      folder: `probes/${name}`,
      plan: probed,
      verdict: result.verdict,
      seconds,
      leftover,
    });
    // What was too short once is not tried again.
    coolDownMs = leftover === undefined ? settings.coolDown : Math.max(settings.coolDown, LONGEST_COOL_DOWN_MS);
    probes.push(probe);
    options.onProbe(probe);
    step = steps.next(probe);
  }

  const found: SearchFound = step.done === true ? step.value : { ending: 'aborted', ...bracketOf(probes) };
  const aborted = signal.aborted ? EXIT.aborted : error?.exitCode;
  if (probes.length === 0) {
    return { folder: folder.path, exitCode: aborted ?? EXIT.environment, report: undefined, error };
  }
  const report = assembleReport({
    capacity,
    found,
    probes,
    run: {
      id: folder.id,
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      seed: plan.seed,
      planSha256: planSha256(plan),
    },
    environment: describeEnvironment(tools),
    cutoverVersion: VERSION,
  });
  await writeCapacityReports(folder.path, report);
  return { folder: folder.path, exitCode: aborted ?? EXIT[report.outcome], report, error };
}

function bracketOf(probes: readonly Probe[]): Pick<SearchFound, 'lastPass' | 'firstFail'> {
  const of = (outcome: Probe['outcome']) => probes.filter((probe) => probe.outcome === outcome);
  const held = of('pass').map(({ perSecond }) => perSecond);
  const lastPass = held.length === 0 ? undefined : Math.max(...held);
  const broken = of('fail').flatMap(({ perSecond }) => (perSecond > (lastPass ?? 0) ? [perSecond] : []));
  return { lastPass, firstFail: broken.length === 0 ? undefined : Math.min(...broken) };
}
