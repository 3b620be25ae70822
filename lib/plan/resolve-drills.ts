import { type LaidOut, layOutDrills } from '../../chaos/drills/lay-out.ts';
import { derivedSeed } from '../../chaos/seeded.ts';
import { knownPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';
import type { Phase } from './plan.ts';
import { type Report, checkTexts, checkTraffic } from './check-names.ts';
import { checkAnswerDrill } from './check-answer-drills.ts';
import { checkTrafficDrill } from './check-traffic-drills.ts';
import type { Config } from './schema/config.ts';
import type { DrillInput } from './schema/drills.ts';
import type { Experiment } from './schema/experiment.ts';

/** Placeholders of a drill's own requests, beside those of the system. */
const REQUEST_PLACEHOLDERS = ['key', 'account'];

/** The drills with their steps on the clock after the last phase, checked against the system; `root` is the config's folder. */
export function resolveDrills(
  { drills, seed }: Experiment,
  phases: readonly Phase[],
  config: Config,
  report: Report,
  root: string,
): LaidOut {
  for (const [index, drill] of drills.entries()) {
    const path = `drills[${index}]`;
    checkDrill(drill, path, config, report);
    checkAnswerDrill(drill, { path, config, report, root });
  }
  const names = drills.map(({ name, kind }) => name ?? kind);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) report(`drills[${index}].name`, name, 'is used twice', 'give each its own `name`');
  }
  const laidOut = layOutDrills(drills, phases, {
    protocolOf: (edge) => config.system.edges[edge]?.protocol ?? 'tcp',
    seedOf: (text) => derivedSeed(seed, text),
  });
  for (const { name } of laidOut.phases) {
    if (phases.some((phase) => phase.name === name)) {
      report('drills', name, 'has a step that is named like a phase of the load', 'give the drill another `name`');
    }
  }
  return laidOut;
}

function checkDrill(drill: DrillInput, path: string, config: Config, report: Report): void {
  const { edges, services } = config.system;
  if (drill.rate === 0) {
    const hint = 'k6 ends a load in which nothing is due any more; "1/s" is hardly any';
    report(`${path}.rate`, drill.rate, 'must be more than 0/s', hint);
  }
  const edgeOns = 'on' in drill ? drill.on : [];
  for (const [index, on] of edgeOns.entries()) {
    const at = `${path}.on[${index}]`;
    const edge = edges[on.edge];
    if (edge === undefined) {
      report(`${at}.edge`, on.edge, 'unknown edge', suggest(on.edge, Object.keys(edges)));
    } else if (edge.protocol === 'tcp' && drill.kind !== 'readiness') {
      const hint = 'set its `protocol` to "http" or "grpc"';
      report(`${at}.edge`, on.edge, 'carries bytes of an unknown protocol: it has no requests', hint);
    }
    if (edgeOns.findIndex((other) => other.edge === on.edge) < index) {
      report(`${at}.edge`, on.edge, 'is in this drill twice', 'one entry for each edge');
    }
    if ('service' in on && services[on.service] === undefined) {
      report(`${at}.service`, on.service, 'unknown service', suggest(on.service, Object.keys(services)));
    }
    checkTexts(on, at, [...knownPlaceholders(config.system), ...REQUEST_PLACEHOLDERS], report);
  }
  if (drill.kind === 'circuit-breaker' && drill.callTimeout >= 60_000) {
    report(`${path}.callTimeout`, drill.callTimeout, 'is too long to wait for', 'at most a minute');
  }
  if (drill.kind === 'timeout' && drill.share === 0) {
    report(`${path}.share`, drill.share, 'must be more than 0%', 'without a call that hangs nothing is learnt');
  }
  for (const [at, name] of startedNames(drill)) {
    const service = services[name];
    if (service === undefined || 'url' in service) {
      const known = Object.keys(services).filter((other) => !('url' in (services[other] ?? { url: '' })));
      report(`${path}.${at}`, name, 'is no service that the harness starts', suggest(name, known));
    }
  }
  if (drill.kind === 'graceful-stop' || drill.kind === 'migration') {
    const own = drill.kind === 'migration' ? ['after'] : REQUEST_PLACEHOLDERS;
    checkTexts(drill, path, [...knownPlaceholders(config.system), ...own], report);
  }
  for (const [index, name] of (drill.kind === 'migration' ? (drill.lag?.edges ?? []) : []).entries()) {
    if (edges[name] !== undefined) continue;
    report(`${path}.lag.edges[${index}]`, name, 'unknown edge', suggest(name, Object.keys(edges)));
  }
  checkTrafficDrill(drill, path, config, report);
  if (drill.kind !== 'idempotency') return;
  if (drill.versions.length === 1) {
    report(`${path}.versions`, drill.versions, 'needs at least two versions', 'name the traffic before and after');
  }
  for (const [index, traffic] of drill.versions.entries()) {
    checkTraffic(config, `${path}.versions[${index}]`, traffic, report);
  }
}

/** Services that a drill ends and starts again, with where they stand in it. */
function startedNames(drill: DrillInput): readonly (readonly [path: string, name: string])[] {
  if (drill.kind === 'idempotency') return drill.restart.map((name, index) => [`restart[${index}]`, name]);
  if (drill.kind === 'restore') return drill.services.map((name, index) => [`services[${index}]`, name]);
  if (drill.kind === 'migration') return drill.kill.map((name, index) => [`kill[${index}]`, name]);
  if (drill.kind !== 'graceful-stop') return [];
  return drill.services.map(({ service }, index) => [`services[${index}].service`, service]);
}
