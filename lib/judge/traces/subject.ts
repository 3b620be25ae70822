import type { RequestTrace, TracesObservation } from '../../observe/traces/observation.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Phase, Plan } from '../../plan/plan.ts';
import type { ExpectedTrace, TracesPlan } from '../../plan/schema/traces.ts';

/** What checks of traces look at. */
export interface TracesSubject {
  readonly plan: Plan;
  readonly traces: TracesPlan;
  readonly seen: TracesObservation;
  /** Those whose traces can be asked for: see `judgedRequests`. */
  readonly requests: readonly RequestTrace[];
}

/** Spans of a process that ends without warning are lost with it, as far back as it had not sent them yet. */
const UNSENT_MS = 5_000;
const ENDING: readonly string[] = ['kill', 'terminate', 'restart', 'memory-pressure'];

export function subjectOf(plan: Plan, observations: Observations): TracesSubject | undefined {
  const { traces } = plan;
  const seen = observations.traces;
  if (traces === undefined || seen === undefined) return undefined;
  return { plan, traces, seen, requests: judgedRequests(plan, observations, seen) };
}

/**
 * Requests of the load's own phases and the harness's own. Not those of drills, which end processes and collectors; not those
 * whose spans may have been lost with a process that a fault ended; not the last ones, where spans still came at the end.
 */
function judgedRequests(plan: Plan, { loadEndMs }: Observations, seen: TracesObservation): readonly RequestTrace[] {
  const drillsMs = plan.load.phases.find(({ drill }) => drill !== undefined)?.startMs ?? Number.POSITIVE_INFINITY;
  const untilMs = Math.min(drillsMs, seen.settled ? Number.POSITIVE_INFINITY : loadEndMs - UNSENT_MS);
  const endings = plan.faults.filter(({ kind }) => ENDING.includes(kind));
  return seen.requests.filter(
    ({ startMs, endMs }) =>
      startMs < untilMs && !endings.some((fault) => startMs < fault.endMs && endMs > fault.startMs - UNSENT_MS),
  );
}

/** Which services a request's trace must reach; none where nothing is declared for it. */
export function expectedServices({ plan, traces }: TracesSubject, request: RequestTrace): readonly string[] {
  if (request.source !== 'load' || request.outcome !== 'ok') return [];
  const fitting = traces.expect.filter(
    (expected) => isOf(expected, request) && isIn(expected.phases ?? [plan.load.steady], plan.load.phases, request),
  );
  return [...new Set(fitting.flatMap(({ services }) => services))];
}

function isOf({ operation, protocol }: ExpectedTrace, request: RequestTrace): boolean {
  return (
    (operation === '*' || operation === request.operation) && (protocol === undefined || protocol === request.protocol)
  );
}

/** A request that was under way when its phase ended may have met what came then. */
function isIn(names: readonly string[], phases: readonly Phase[], { startMs, endMs }: RequestTrace): boolean {
  const own = phases.filter(({ name, block }) => names.includes(block?.of ?? name));
  return [startMs, endMs].every((atMs) => own.some((phase) => atMs >= phase.startMs && atMs < phase.endMs));
}

/** What is wrong with a request's trace; none: it is one connected tree that reaches what it must. */
export function troubleOf(subject: TracesSubject, request: RequestTrace): readonly string[] {
  if (request.spans === 0) return ['no span came'];
  const missing = expectedServices(subject, request).filter((service) => !request.services.includes(service));
  return [
    ...request.roots.map((span) => `${span} hangs on nothing`),
    ...request.orphans.map((span) => `${span} hangs on a span that never came`),
    ...missing.map((service) => `${service} is not in it`),
  ];
}

/** Without a span, only a request that a service surely answered shows anything: others may never have arrived. */
export function canBeJudged({ spans, answered }: RequestTrace): boolean {
  return spans > 0 || answered;
}
