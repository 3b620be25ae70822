import type { Check } from '../../reports/model/verdict.ts';
import type { Doubt } from './contention.ts';

/**
 * A red verdict is never a false alarm: when the load generator was not healthy, or the machine had no CPU left for the
 * run, a check that depends on the load or on its figures can't be red, it is inconclusive. What the harness sees by
 * itself (a service that died, CPU, memory) stays.
 */
export function asFarAsTrusted(check: Check, generator: Check, machine: Doubt | undefined): Check {
  if (check.outcome !== 'fail' || !dependsOnLoad(check.kind)) return check;
  const unhealthy = generator.outcome === 'pass' ? undefined : generator;
  // Blocks of both sides come in turn: what a neighbour takes from the machine is noise that the comparison reckons with.
  const doubt = unhealthy ?? (check.kind === 'comparison' ? undefined : machine);
  if (doubt === undefined) return check;
  const why = unhealthy === undefined ? doubt.reason : `the load generator was not healthy: ${doubt.reason}`;
  return {
    ...check,
    outcome: 'inconclusive',
    reason: `would fail (${check.reason}), but ${why}`,
    ...(doubt.hint === undefined ? {} : { hint: doubt.hint }),
  };
}

function dependsOnLoad(kind: Check['kind']): boolean {
  switch (kind) {
    case 'latency':
    case 'errors':
    case 'throughput':
    case 'recovery':
    case 'latency-rise':
    case 'goodput':
    case 'rejections':
    case 'quota':
    // k6 tells how many requests there were, and a starved service spends more on each.
    case 'cpu-per-request':
    case 'comparison':
    case 'drill':
    case 'generator':
    case 'fault-effect':
      return true;
    case 'cpu':
    case 'memory':
    case 'memory-growth':
    case 'history':
    case 'traces':
    case 'logs':
    case 'alerts':
    case 'integrity':
      return false;
    default:
      return kind satisfies never;
  }
}
