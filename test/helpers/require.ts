/** What a test may need beyond Node. */
export type Requirement = 'docker' | 'chromium' | 'prometheus' | 'kubernetes' | 'cgroups' | 'namespaces' | 'nginx';

/** For `describe.skipIf(skip)` or `test.skipIf(skip)`; `reason` belongs into the title, so that a skip says why. */
export interface Availability {
  readonly skip: boolean;
  readonly reason: string;
}

/**
 * Skips where something is not there, with the reason. Where it has to be (CUTOVER_REQUIRE is a list like
 * "chromium,docker"), a missing one is an error instead, so that nothing is left out silently.
 */
export function requirement(
  name: Requirement,
  available: boolean,
  reason: string,
  env: NodeJS.ProcessEnv = process.env,
): Availability {
  if (available) return { skip: false, reason: '' };
  const required = (env['CUTOVER_REQUIRE'] ?? '').split(/[\s,]+/);
  if (required.includes(name)) throw new Error(`${name} is required by CUTOVER_REQUIRE, but ${reason}`);
  return { skip: true, reason: `skipped: ${reason}` };
}
