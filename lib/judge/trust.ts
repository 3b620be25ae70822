import type { Check } from '../../reports/model/verdict.ts';

/**
 * A red verdict is never a false alarm: when the load generator was not healthy, a check that depends on its load or on
 * its figures can't be red, it is inconclusive. What the harness sees by itself (a service that died, CPU, memory) stays.
 */
export function asFarAsTrusted(check: Check, generator: Check): Check {
  if (generator.outcome === 'pass' || check.outcome !== 'fail' || !dependsOnLoad(check.kind)) return check;
  return {
    ...check,
    outcome: 'inconclusive',
    reason: `would fail (${check.reason}), but the load generator was not healthy: ${generator.reason}`,
    ...(generator.hint === undefined ? {} : { hint: generator.hint }),
  };
}

function dependsOnLoad(kind: Check['kind']): boolean {
  switch (kind) {
    case 'latency':
    case 'errors':
    case 'throughput':
    case 'recovery':
    case 'generator':
    case 'fault-effect':
      return true;
    case 'cpu':
    case 'memory':
    case 'integrity':
      return false;
    default:
      return kind satisfies never;
  }
}
