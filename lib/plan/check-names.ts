import { findPlaceholders } from '../provision/placeholders.ts';
import { suggest } from './nearest.ts';
import type { Traffic } from './schema/experiment.ts';
import type { Config } from './schema/config.ts';

/** Adds a problem of the experiment's file. */
export type Report = (path: string, value: unknown, message: string, hint?: string) => void;

export function checkTraffic(
  config: Config,
  path: string,
  traffic: Readonly<Record<string, Traffic>>,
  report: Report,
): void {
  const known = [config.system.trafficSwitch ?? []].flat().flatMap(({ capabilities }) => capabilities);
  for (const [capability, value] of Object.entries(traffic)) {
    if (known.includes(capability)) continue;
    const hint = known.length === 0 ? 'the system has no trafficSwitch' : suggest(capability, known);
    report(`${path}.${capability}`, value, 'unknown capability', hint);
  }
}

export function checkEnv(
  path: string,
  env: Readonly<Record<string, string>>,
  known: readonly string[],
  report: Report,
): void {
  for (const [name, value] of Object.entries(env)) {
    for (const placeholder of findPlaceholders(value)) {
      if (known.includes(placeholder)) continue;
      report(`${path}.${name}`, value, `unknown placeholder {{${placeholder}}}`, suggest(placeholder, known));
    }
  }
}

/** Every placeholder in every text of a value must be known. */
export function checkTexts(value: unknown, path: string, known: readonly string[], report: Report): void {
  if (typeof value === 'string') {
    for (const placeholder of findPlaceholders(value)) {
      if (known.includes(placeholder)) continue;
      report(path, value, `unknown placeholder {{${placeholder}}}`, suggest(placeholder, known));
    }
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, element] of Object.entries(value)) {
      checkTexts(element, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, known, report);
    }
  }
}
