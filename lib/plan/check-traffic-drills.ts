import { fewestForFail } from '../judge/comparison/decide.ts';
import { formatDuration } from '../units.ts';
import { type Report, checkTraffic } from './check-names.ts';
import { attributesOf } from './fault-attributes.ts';
import { suggest } from './nearest.ts';
import { checkTarget } from './resolve-faults.ts';
import type { Config } from './schema/config.ts';
import type { DrillInput, DrillOf } from './schema/drills.ts';
import type { DrillFault, WatchedEdge } from './schema/drills/parts.ts';
import { switchOf } from './schema/system.ts';

/** Shorter than this, what comes after a switch's bound says nothing. */
const SETTLED_MS = 2_000;
/** Time that an engaged kill switch is given at least to be asked again. */
const MIN_WITHIN_MS = 100;

/** Checks drills that move traffic, against the system: capabilities, edges, faults, and whether there is a kill switch. */
export function checkTrafficDrill(drill: DrillInput, path: string, config: Config, report: Report): void {
  if (drill.kind === 'rollback') checkRollback(drill, path, config, report);
  if (drill.kind === 'kill-switch') checkKillSwitch(drill, path, config, report);
  if (drill.kind === 'blue-green') checkBlueGreen(drill, path, config, report);
  if (drill.kind === 'canary') checkCanary(drill, path, config, report);
}

function checkRollback(drill: DrillOf<'rollback'>, path: string, config: Config, report: Report): void {
  checkMoved(drill.traffic, `${path}.traffic`, config, report);
  if (drill.by === 'kill-switch') checkKill(drill.kind, Object.keys(drill.traffic), path, config, report);
  else checkMoved(drill.by.traffic, `${path}.by.traffic`, config, report);
  if (drill.fault !== undefined) checkFault(drill.fault, `${path}.fault`, config, report);
}

function checkKillSwitch(drill: DrillOf<'kill-switch'>, path: string, config: Config, report: Report): void {
  checkMoved(drill.traffic, `${path}.traffic`, config, report);
  checkKill(drill.kind, Object.keys(drill.traffic), path, config, report);
  checkWatched(drill.edges, path, config, report);
  if (drill.within < MIN_WITHIN_MS) {
    const hint = `at least ${formatDuration(MIN_WITHIN_MS)}`;
    report(`${path}.within`, drill.within, 'is shorter than a call takes', hint);
  }
  if (drill.control !== undefined) checkControl(drill, path, config, report);
}

function checkBlueGreen(drill: DrillOf<'blue-green'>, path: string, config: Config, report: Report): void {
  const full = Object.fromEntries(drill.capabilities.map((capability) => [capability, 'full' as const]));
  checkTraffic(config, `${path}.capabilities`, full, report);
  checkWatched(drill.edges, path, config, report);
  if (drill.hold >= drill.within + SETTLED_MS) return;
  const hint = `at least ${formatDuration(drill.within + SETTLED_MS)}`;
  report(`${path}.hold`, drill.hold, 'is too short to see where the traffic is after `within`', hint);
}

function checkCanary(drill: DrillOf<'canary'>, path: string, config: Config, report: Report): void {
  checkTraffic(config, `${path}.capability`, { [drill.capability]: 'full' }, report);
  checkWatched(drill.edges, path, config, report);
  const { analysis, shares } = drill;
  const fewest = fewestForFail(analysis.falseAlarm / shares.length);
  if (analysis.blocks >= fewest) return;
  report(`${path}.analysis.blocks`, analysis.blocks, 'are too few to be sure of anything', `at least ${fewest}`);
}

function checkMoved(traffic: DrillOf<'rollback'>['traffic'], path: string, config: Config, report: Report): void {
  if (Object.keys(traffic).length === 0) report(path, traffic, 'must name a capability');
  checkTraffic(config, path, traffic, report);
}

/** The kill switch that is used is that of the capabilities' own switch. */
function checkKill(
  kind: string,
  capabilities: readonly string[],
  path: string,
  { system }: Config,
  report: Report,
): void {
  for (const capability of capabilities) {
    const own = switchOf(system, capability);
    // A capability that no switch knows is told of already.
    if (own === undefined || own.kill !== undefined) continue;
    report(path, kind, `the traffic switch of "${capability}" has no kill switch`, 'give it a `kill`');
  }
}

function checkWatched(watched: readonly WatchedEdge[], path: string, { system }: Config, report: Report): void {
  const known = Object.keys(system.edges);
  for (const [index, { edge }] of watched.entries()) {
    const at = `${path}.edges[${index}].edge`;
    if (system.edges[edge] === undefined) report(at, edge, 'unknown edge', suggest(edge, known));
    else if (system.edges[edge]?.protocol === 'tcp') {
      const hint = 'set its `protocol` to "http" or "grpc"';
      report(at, edge, 'carries bytes of an unknown protocol: it has no calls', hint);
    }
    if (watched.findIndex((other) => other.edge === edge) < index) report(at, edge, 'is in this drill twice');
  }
}

/** A fault on the way to the kill switch is only one if the switch's calls go that way. */
function checkControl(
  { control, traffic, within }: DrillOf<'kill-switch'>,
  path: string,
  config: Config,
  report: Report,
): void {
  if (control === undefined) return;
  const at = `${path}.control`;
  const { edge, fault } = control;
  const kills = Object.keys(traffic).map((capability) => switchOf(config.system, capability)?.kill);
  if (config.system.edges[edge] === undefined) {
    report(`${at}.edge`, edge, 'unknown edge', suggest(edge, Object.keys(config.system.edges)));
  } else if (!kills.every((kill) => JSON.stringify(kill ?? '').includes(`{{edge.${edge}}}`))) {
    const hint = `write {{edge.${edge}}} as the address in the calls of \`kill\``;
    report(`${at}.edge`, edge, 'is not the way that the kill switch is called', hint);
  }
  if (!('edge' in fault) || fault.edge !== edge) {
    report(`${at}.fault`, undefined, 'must be on the same edge', `edge: '${edge}'`);
  }
  if (control.for !== undefined && control.for >= within) {
    report(`${at}.for`, control.for, 'must be shorter than `within`', 'while nothing passes, nothing can be reached');
  }
  checkFault(fault, `${at}.fault`, config, report);
}

function checkFault(fault: DrillFault, path: string, { system }: Config, report: Report): void {
  checkTarget(fault, path, system, report);
  attributesOf(fault, 0, 'edge' in fault ? system.edges[fault.edge] : undefined, (attribute, value, message, hint) =>
    report(`${path}.${attribute}`, value, message, hint),
  );
}
