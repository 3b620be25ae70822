import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';
import { type Problem, formatPath } from './problem.ts';
import type { Edge, System } from './schema/system.ts';

/** Placeholders that stand for something only in one place. */
const LOCAL_PLACEHOLDERS = { process: ['artifact', 'data'], trafficSwitch: ['capability', 'mode', 'share'] };

/** Checks every name that the system refers to: placeholders, edges' ends, evidence. */
export function checkSystem(file: string, system: System): readonly Problem[] {
  const problems: Problem[] = [];
  const known = knownPlaceholders(system);
  checkPlaceholders(file, ['system', 'services'], system.services, [...known, ...LOCAL_PLACEHOLDERS.process], problems);
  checkPlaceholders(
    file,
    ['system', 'trafficSwitch'],
    system.trafficSwitch,
    [...known, ...LOCAL_PLACEHOLDERS.trafficSwitch],
    problems,
  );
  for (const [name, edge] of Object.entries(system.edges)) problems.push(...checkEdge(file, name, edge, system));
  return problems;
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
    const targets = knownPlaceholders(system).filter((target) => target.includes('.') && !target.startsWith('edge.'));
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
