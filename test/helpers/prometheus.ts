import { requireProgram } from '../../lib/toolchain/program.ts';
import { PROMETHEUS, PROMTOOL } from '../../lib/toolchain/prometheus.ts';
import { type Availability, requirement } from './require.ts';

export interface PrometheusPaths {
  readonly prometheus: string;
  readonly promtool: string;
}

const paths = await findPaths();

/** For `describe.skipIf(withPrometheus.skip)`: CUTOVER_REQUIRE=prometheus makes a missing one an error. */
export const withPrometheus: Availability = requirement(
  'prometheus',
  paths !== undefined,
  'there are no prometheus and promtool on PATH',
);

export function prometheusPaths(): PrometheusPaths {
  if (paths === undefined) throw new Error('there is no Prometheus');
  return paths;
}

async function findPaths(): Promise<PrometheusPaths | undefined> {
  const context = { env: process.env, signal: new AbortController().signal };
  try {
    const [prometheus, promtool] = [await requireProgram(PROMETHEUS, context), await requireProgram(PROMTOOL, context)];
    return { prometheus: prometheus.path, promtool: promtool.path };
  } catch {
    return undefined;
  }
}
