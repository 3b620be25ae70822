import type { Traffic } from '../../../lib/plan/schema/load.ts';

/** Nothing to the candidate. */
export function allOff(capabilities: readonly string[]): Record<string, Traffic> {
  return Object.fromEntries(capabilities.map((capability) => [capability, 'off' as const]));
}
