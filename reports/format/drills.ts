import type { Check, DrillResult, Outcome, Verdict } from '../model/verdict.ts';
import { SEVERITY, countOutcomes } from './outcomes.ts';

const KINDS: Readonly<Record<DrillResult['kind'], string>> = {
  'circuit-breaker': 'Circuit breaker',
  timeout: 'Timeout',
  cancellation: 'Cancellation',
  retry: 'Retries',
  idempotency: 'Idempotency',
  readiness: 'Readiness',
  rollback: 'Rollback',
  'kill-switch': 'Kill switch',
  'blue-green': 'Blue-green',
  canary: 'Canary',
  restore: 'Restore',
  'graceful-stop': 'Graceful stop',
  migration: 'Migration',
  parity: 'Parity',
  shadow: 'Shadow',
  contract: 'Contract',
  boundary: 'Boundary',
  collector: 'Collector',
};

/** A drill on an edge, with what arrived there. */
export type EdgeDrillResult = DrillResult & {
  readonly [K in 'edge' | 'binMs' | 'arrivals']: NonNullable<DrillResult[K]>;
};

export function isEdgeDrillResult(drill: DrillResult): drill is EdgeDrillResult {
  return drill.edge !== undefined && drill.arrivals !== undefined && drill.binMs !== undefined;
}

/** "Circuit breaker on orders-pricing over grpc", "Kill switch". */
export function drillTitle({ kind, edge, protocol }: Pick<DrillResult, 'kind' | 'edge' | 'protocol'>): string {
  return `${KINDS[kind]}${edge === undefined ? '' : ` on ${edge}`}${protocol === undefined ? '' : ` over ${protocol}`}`;
}

/** The drill's own name, where it says more than its kind. */
export function ownName({ name, kind }: Pick<DrillResult, 'name' | 'kind'>): string | undefined {
  return name === kind ? undefined : name;
}

/** The title, and the drill's own name behind it where that says more. */
export function namedTitle(drill: DrillResult): string {
  const name = ownName(drill);
  return name === undefined ? drillTitle(drill) : `${drillTitle(drill)} (${name})`;
}

/** Its checks in the order it names them. */
export function checksOf(drill: DrillResult, { checks }: Pick<Verdict, 'checks'>): Check[] {
  return drill.checks.flatMap((id) => checks.find((check) => check.id === id) ?? []);
}

/** The worst of its checks; a drill that checked nothing has shown nothing. */
export function drillOutcome(checks: readonly Check[]): Outcome {
  return SEVERITY.find((outcome) => checks.some((check) => check.outcome === outcome)) ?? 'inconclusive';
}

/** "1 failed, 2 passed". */
export function drillCounts(checks: readonly Check[]): string {
  return countOutcomes(checks.map(({ outcome }) => outcome));
}

/** A check's title without the drill and the edge in front, for where both are said already. */
export function shortTitle(title: string, { name, edge }: Pick<DrillResult, 'name' | 'edge'>): string {
  const said = [`${name} on ${edge}: `, `${name}: `, `${edge}: `].find((start) => title.startsWith(start));
  return said === undefined ? title : title.slice(said.length);
}
