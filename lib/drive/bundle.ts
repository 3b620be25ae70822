import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildFailure, type BuildOptions, build, stop } from 'esbuild';
import type { Plan } from '../plan/plan.ts';
import { latencyLimits } from './limits.ts';
import { ScenarioError } from './scenario-error.ts';

const INSTRUMENT = fileURLToPath(new URL('../../scenarios/support/instrument.ts', import.meta.url));

/** The script that k6 runs: one file, and its hash. */
export interface Bundle {
  readonly path: string;
  readonly sha256: string;
  readonly source: string;
}

/**
 * Bundles the plan's scenario and the harness's own part of it into one file in the run folder: what ran is evidence. Modules
 * of k6 stay outside; npm imports are bundled.
 */
export async function bundleScenario(plan: Plan, path: string): Promise<Bundle> {
  const { scenario } = plan.load;
  const exported = await exportsOf(scenario);
  if (!exported.includes('default')) {
    throw new ScenarioError(`${scenario}: has no default export`, {
      hint: 'export default function () { … } is the iteration; the experiment gives the arrival profile',
    });
  }
  const source = await bundle({
    stdin: {
      contents: entrySource(plan, exported),
      resolveDir: dirname(scenario),
      sourcefile: 'cutover-entry.ts',
      loader: 'ts',
    },
  });
  await writeFile(path, source);
  return { path, source, sha256: createHash('sha256').update(source).digest('hex') };
}

/** Ends esbuild's own process; the next bundle starts it again. */
export async function stopBundler(): Promise<void> {
  await stop();
}

/** The generated entry: the user's script, driven by the plan's profile. Pure. */
export function entrySource(plan: Plan, exported: readonly string[]): string {
  // Variables of phases come by the environment (they may hold addresses and tokens), see `phaseVariables`.
  const phases = plan.load.phases.map(({ name, startMs, endMs, fromPerSecond, toPerSecond, shape }) => ({
    name,
    startMs,
    endMs,
    fromPerSecond,
    toPerSecond,
    shape,
  }));
  const profile = { phases, maxVUs: plan.load.maxVUs, limits: latencyLimits(plan) };
  const passedOn = ['setup', 'teardown', 'handleSummary'].filter((name) => exported.includes(name));
  return `import * as script from ${JSON.stringify(plan.load.scenario)};
import { drivenIteration, drivenOptions } from ${JSON.stringify(INSTRUMENT)};

const profile = ${JSON.stringify(profile)};
export const options = drivenOptions(script, profile);
export default drivenIteration(script, profile);
${passedOn.length === 0 ? '' : `export { ${passedOn.join(', ')} } from ${JSON.stringify(plan.load.scenario)};\n`}`;
}

async function exportsOf(scenario: string): Promise<readonly string[]> {
  const result = await runEsbuild({ entryPoints: [scenario], metafile: true, write: false, outdir: 'out' });
  return Object.values(result.metafile?.outputs ?? {}).flatMap((output) => output.exports);
}

async function bundle(options: BuildOptions): Promise<string> {
  const result = await runEsbuild({ ...options, write: false });
  return result.outputFiles?.[0]?.text ?? '';
}

async function runEsbuild(options: BuildOptions) {
  try {
    return await build({
      bundle: true,
      format: 'esm',
      target: 'es2022',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      external: ['k6', 'k6/*'],
      logLevel: 'silent',
      ...options,
    });
  } catch (error) {
    throw new ScenarioError(describeBuildFailure(error as BuildFailure), { cause: error });
  }
}

function describeBuildFailure({ errors, message }: BuildFailure): string {
  if (!Array.isArray(errors) || errors.length === 0) return message;
  return errors
    .map(({ location, text }) => {
      if (location === null) return text;
      return `${location.file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}`;
    })
    .join('\n');
}
