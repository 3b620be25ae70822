import { EnvironmentError } from '../errors.ts';
import type { System } from '../plan/schema/system.ts';

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

/** Names of the placeholders in a text, in order, each once: "{{a}}:{{b}}" → ["a", "b"]. */
export function findPlaceholders(text: string): string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].map((match) => (match[1] ?? '').trim()))];
}

/**
 * Replaces each placeholder by its value. The plan phase has checked every name, so a missing one here is used where it
 * stands for nothing (`{{artifact}}` of a service without a build): EnvironmentError('placeholder-without-value').
 */
export function resolvePlaceholders(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(PLACEHOLDER, (_, inner: string) => {
    const name = inner.trim();
    const value = values.get(name);
    if (value !== undefined) return value;
    throw new EnvironmentError('placeholder-without-value', `{{${name}}} has no value in ${JSON.stringify(text)}`, {
      hint: `here there are: ${[...values.keys()].join(', ')}`,
    });
  });
}

/**
 * Names that stand for something everywhere in this system: `service.port` of services that the harness starts, `service`
 * of those that run already, `edge.name`, `cache`, and where spans are exported to. Services add `data` and `artifact`, the traffic switch
 * `capability`, `mode` and `share`.
 */
export function knownPlaceholders(system: System): string[] {
  const services = Object.entries(system.services).flatMap(([name, service]) =>
    'url' in service ? [name] : portNames(service.ports).map((port) => `${name}.${port}`),
  );
  return [...services, ...Object.keys(system.edges).map((name) => `edge.${name}`), 'cache', ...OTLP];
}

/** The collector's addresses, "127.0.0.1:NNNN". */
const OTLP = ['otlp.http', 'otlp.grpc'];

/** The names of a service's ports, however they are written. */
export function portNames(ports: readonly string[] | Readonly<Record<string, number>>): readonly string[] {
  return Array.isArray(ports) ? ports : Object.keys(ports);
}
