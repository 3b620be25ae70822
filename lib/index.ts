import type { ConfigInput } from './plan/schema/config.ts';
import type { ExperimentInput } from './plan/schema/experiment.ts';

export type { ConfigInput, ExperimentInput };

/** Types a `cutover.config.ts`; returns it unchanged. Everything in it is checked when it is loaded. */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config;
}

/** Types a `*.experiment.ts`; returns it unchanged. Everything in it is checked when it is loaded. */
export function defineExperiment(experiment: ExperimentInput): ExperimentInput {
  return experiment;
}
