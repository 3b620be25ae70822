import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';
import { type Problem, formatPath } from './problem.ts';
import type { Edge, System } from './schema/system.ts';

/** Placeholders that stand for something only in a service's own settings. */
const OF_SERVICES = ['artifact', 'data'];

/** Checks every name that the system refers to: placeholders, edges' ends, evidence. */
export function checkSystem(file: string, system: System): readonly Problem[] {
  const problems: Problem[] = [];
  const known = knownPlaceholders(system);
  checkPlaceholders(file, ['system', 'services'], system.services, [...known, ...OF_SERVICES], problems);
  checkSwitches(file, system, known, problems);
  for (const [name, edge] of Object.entries(system.edges)) problems.push(...checkEdge(file, name, edge, system));
  return problems;
}

/** What may stand in a switch's calls and its file; its kill switch is asked for nothing but itself. */
function checkSwitches(file: string, { trafficSwitch }: System, known: readonly string[], problems: Problem[]): void {
  const root = ['system', 'trafficSwitch'];
  const switches = [trafficSwitch ?? []].flat();
  for (const [index, { kill, ...own }] of switches.entries()) {
    const path = Array.isArray(trafficSwitch) ? [...root, index] : root;
    const { capabilities, set } = own;
    const placeholders = ['mode', 'share', 'rest'];
    const each = capabilities.flatMap((name) => placeholders.map((placeholder) => `${placeholder}.${name}`));
    checkPlaceholders(file, path, own, [...known, 'capability', ...placeholders, ...each], problems);
    checkPlaceholders(file, [...path, 'kill'], kill, known, problems);
    if (!('file' in set)) continue;
    const [at, several] = [formatPath([...path, 'set', 'template']), capabilities.length > 1];
    const used = findPlaceholders(set.template);
    const missing = (several ? each : placeholders).filter((name) => /^share|^rest/.test(name));
    if (several && used.some((name) => placeholders.includes(name))) {
      const [message, hint] = ['stands for one of several capabilities', `write ${missing.join(', ')}`];
      problems.push({ file, path: at, value: undefined, message: `{{share}}, {{rest}} or {{mode}} ${message}`, hint });
    } else if (
      capabilities.some((name) => !used.some((one) => missing.includes(one) && (!several || one.endsWith(`.${name}`))))
    ) {
      const hint = `write ${missing.map((name) => `{{${name}}}`).join(', ')} where they belong`;
      problems.push({ file, path: at, value: undefined, message: 'does not hold the share of every capability', hint });
    }
    if (switches.findIndex((other) => 'file' in other.set && other.set.file === set.file) < index) {
      const hint = 'one switch with both `capabilities`: each writes the whole file';
      problems.push({
        file,
        path: formatPath([...path, 'set', 'file']),
        value: set.file,
        message: 'is written by two switches',
        hint,
      });
    }
  }
}

function checkPlaceholders(
  file: string,
  path: readonly PropertyKey[],
  value: unknown,
  known: readonly string[],
  problems: Problem[],
): void {
  if (typeof value === 'string') {
    for (const name of findPlaceholders(value)) {
      if (known.includes(name)) continue;
      problems.push({
        file,
        path: formatPath(path),
        value,
        message: `unknown placeholder {{${name}}}`,
        hint: suggest(name, known),
      });
    }
  } else if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) checkPlaceholders(file, [...path, index], element, known, problems);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, element] of Object.entries(value))
      checkPlaceholders(file, [...path, key], element, known, problems);
  }
}

function checkEdge(file: string, name: string, edge: Edge, system: System): Problem[] {
  const problems: Problem[] = [];
  const services = Object.keys(system.services);
  const path = `system.edges.${name}`;
  if (edge.from !== 'client' && !services.includes(edge.from)) {
    problems.push({
      file,
      path: `${path}.from`,
      value: edge.from,
      message: 'unknown service',
      hint: suggest(edge.from, ['client', ...services]),
    });
  }
  if (!/^[^:\s]+:\d{1,5}$/.test(edge.to)) {
    const targets = knownPlaceholders(system).filter(
      (target) => target.includes('.') && !/^(edge|otlp)\./.test(target),
    );
    if (!targets.includes(edge.to)) {
      const hint = suggest(edge.to, targets) ?? 'write "service.port" or "host:port"';
      problems.push({ file, path: `${path}.to`, value: edge.to, message: 'is no service port and no address', hint });
    }
  }
  const { evidence } = edge;
  if (evidence !== undefined && system.services[evidence.service]?.metrics === undefined) {
    const withMetrics = services.filter((service) => system.services[service]?.metrics !== undefined);
    const hint = suggest(evidence.service, withMetrics) ?? 'give the service a `metrics` URL';
    problems.push({
      file,
      path: `${path}.evidence.service`,
      value: evidence.service,
      message: 'is no service with metrics',
      hint,
    });
  }
  return problems;
}
