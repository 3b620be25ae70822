import type { CapacityReport, Probe } from '../../reports/model/capacity.ts';
import { limitingBudget, saturatedResource } from './limits.ts';
import type { SearchEnd } from './search.ts';
import type { CapacityPlan } from './settings.ts';
import { type Level, fitUsl } from './usl.ts';

export interface SearchFound extends Omit<SearchEnd, 'ending'> {
  readonly ending: CapacityReport['ending'];
}

export interface AssembleInput {
  readonly capacity: CapacityPlan;
  readonly found: SearchFound;
  readonly probes: readonly Probe[];
  readonly run: CapacityReport['run'];
  readonly environment: CapacityReport['environment'];
  readonly cutoverVersion: string;
}

/** Everything that the report of a search shows. Pure. */
export function assembleReport(input: AssembleInput): CapacityReport {
  const { capacity, found, probes, environment } = input;
  const { plan, settings } = capacity;
  const { ending, lastPass, firstFail } = found;
  const budget = limitingBudget(probes, firstFail);
  const services = Object.keys(plan.system.services);
  const resource = saturatedResource(probes, firstFail, { cpus: environment.host.cpus, services });
  const { forecast, headroom } = settings;
  const outcome = outcomeOf(found, forecast === undefined ? undefined : forecast * headroom);
  return {
    version: 1,
    cutover: input.cutoverVersion,
    experiment: { name: plan.experiment, description: plan.description },
    run: input.run,
    outcome,
    summary: `${outcome}: ${answerOf(found, capacity, probes, budget)}${forecastText(found, settings)}`,
    ending,
    ...(lastPass === undefined ? {} : { lastPassPerSecond: lastPass }),
    ...(firstFail === undefined ? {} : { firstFailPerSecond: firstFail }),
    precision: settings.precision,
    ...(budget === undefined ? {} : { limitingBudget: budget }),
    ...(resource === undefined ? {} : { saturatedResource: resource }),
    ...(forecast === undefined ? {} : { forecastPerSecond: forecast }),
    headroomWanted: headroom,
    ...(forecast === undefined || lastPass === undefined ? {} : { headroom: lastPass / forecast }),
    probes: [...probes],
    usl: fitUsl(levelsOf(probes)),
    notes: notesOf(capacity),
    environment,
  };
}

/** What is inconclusive may be the load generator's figures, and not the system's. */
function levelsOf(probes: readonly Probe[]): Level[] {
  return probes.flatMap(({ outcome, concurrency, achievedPerSecond }) =>
    outcome === 'inconclusive' || concurrency === undefined || achievedPerSecond === undefined
      ? []
      : [{ concurrency, perSecond: achievedPerSecond }],
  );
}

/** With a forecast: whether it holds, with its headroom. Without: whether there is an answer. */
function outcomeOf(
  { ending, lastPass, firstFail }: SearchFound,
  wanted: number | undefined,
): CapacityReport['outcome'] {
  if (ending === 'aborted') return 'inconclusive';
  if (wanted === undefined) return ending === 'found' ? 'pass' : 'inconclusive';
  if (lastPass !== undefined && lastPass >= wanted) return 'pass';
  const settled = ending === 'found' || ending === 'nothing-held';
  return settled && firstFail !== undefined && firstFail <= wanted ? 'fail' : 'inconclusive';
}

function answerOf(
  { ending, lastPass, firstFail }: SearchFound,
  { fromPerSecond, upToPerSecond }: CapacityPlan,
  probes: readonly Probe[],
  budget: string | undefined,
): string {
  const holds = lastPass === undefined ? 'nothing held' : `holds ${rate(lastPass)}`;
  const breaks =
    firstFail === undefined ? '' : `, breaks at ${rate(firstFail)}${budget === undefined ? '' : ` (${budget})`}`;
  switch (ending) {
    case 'found':
      return `${holds}${breaks}`;
    case 'no-bound':
      return `bound not found: holds at least ${rate(upToPerSecond)}, more was not tried`;
    case 'generator-limited': {
      const last = probes.at(-1);
      return `generator-limited: ${holds}; at ${rate(last?.perSecond ?? 0)} the load generator was at its end: ${last?.reason ?? ''}`;
    }
    case 'nothing-held':
      return `nothing held between ${rate(firstFail ?? fromPerSecond)} and ${rate(fromPerSecond)}${budget === undefined ? '' : ` (${budget})`}`;
    case 'unstable':
      return `unstable: ${holds}${breaks}, but ${doubtOf(probes)}`;
    case 'out-of-probes':
      return `out of probes: ${holds}${breaks}, not yet as close as asked for`;
    case 'aborted':
      return `stopped early: ${holds}${breaks}`;
    default:
      return ending satisfies never;
  }
}

/** Why a search ended as unstable: a rate without an answer, or with two. */
function doubtOf(probes: readonly Probe[]): string {
  const last = probes.at(-1);
  return last?.outcome === 'inconclusive'
    ? `there was no answer at ${rate(last.perSecond)}: ${last.reason}`
    : 'three rates answered one way and then the other';
}

function forecastText({ lastPass }: SearchFound, { forecast, headroom }: CapacityPlan['settings']): string {
  if (forecast === undefined) return '';
  const held = lastPass === undefined ? 'nothing of it' : `${Math.round((lastPass / forecast) * 100)} %`;
  const wanted = headroom === 1 ? '' : `, wanted are ${Math.round(headroom * 100)} %`;
  return `; of the forecast ${rate(forecast)}: ${held}${wanted}`;
}

function rate(perSecond: number): string {
  return `${Number(perSecond.toPrecision(4))}/s`;
}

function notesOf({ plan, settings }: CapacityPlan): string[] {
  const started = Object.entries(plan.system.services).filter(([, service]) => 'process' in service);
  const running = Object.entries(plan.system.services).filter(([, service]) => 'url' in service);
  const names = (services: readonly (readonly [string, unknown])[]) => services.map(([name]) => name).join(', ');
  return [
    'Open model: arrivals do not wait for answers. Each probe is an experiment of its own, with its own report.',
    'A failure on the way up was repeated at once, and both ends of an answer are tried again before they are believed.',
    ...(started.length === 0 ? [] : [`Fresh in each probe: ${names(started)}.`]),
    ...(running.length === 0
      ? []
      : [
          `Not restarted between probes: ${names(running)}. Each probe began with ${settings.coolDown / 1_000} s at a tenth of its rate (30 s where that was not enough to recover).`,
        ]),
    'Concurrency is the average number of busy virtual users (the durations of the iterations that ended, Little’s law).',
  ];
}
