import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { CpuBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { samplesOf, tooFewSamples } from './resource-samples.ts';
import { safely } from './safely.ts';
import { sum } from './tally.ts';
import { cores, count } from './words.ts';

/** "`service` uses ≤ `atMost` cores on the phase's average": the mean of one-second samples, all of equal weight. */
export function judgeCpu(id: string, budget: CpuBudget, seconds: readonly Second[]): Check {
  const { service, phase, atMost } = budget;
  const limit = `≤ ${cores(atMost)} on average`;
  const title = budget.name ?? `${service}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'cpu', service, phase, limit }, () => finding(budget, seconds));
}

function finding({ service, phase, atMost }: CpuBudget, seconds: readonly Second[]): Finding {
  const samples = samplesOf(seconds, phase, service);
  const missing = tooFewSamples(samples, service);
  if (missing !== undefined) return missing;

  const mean = sum(samples, (sample) => sample.cpuCores) / samples.length;
  const peak = samples.reduce((most, sample) => Math.max(most, sample.cpuCores), 0);
  const result = {
    measured: cores(mean, atMost),
    events: samples.length,
    evidence: figures({ meanCores: mean, peakCores: peak, atMostCores: atMost, samples: samples.length }),
  };
  const used = `${cores(mean, atMost)} on average over ${count(samples.length, 'second')}`;
  if (mean <= atMost) return { outcome: 'pass', reason: used, ...result };
  if (mean > atMost) return { outcome: 'fail', reason: `${used}; at most ${cores(atMost)} allowed`, ...result };
  return inconclusive('the samples are not numbers', result);
}
