import { knownPlaceholders } from '../provision/placeholders.ts';
import { checkPlaceholders } from './check-placeholders.ts';
import { checkSwitches } from './check-switches.ts';
import { suggest } from './nearest.ts';
import type { Problem } from './problem.ts';
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
