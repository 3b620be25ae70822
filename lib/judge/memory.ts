import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { MemoryBudget } from '../plan/schema/budgets.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { samplesOf, tooFewSamples } from './resource-samples.ts';
import { safely } from './safely.ts';
import { bytes, count } from './words.ts';

/** "`service`'s resident memory never exceeds `atMost` in the phase": the largest of the one-second samples. */
export function judgeMemory(id: string, budget: MemoryBudget, seconds: readonly Second[]): Check {
  const { service, phase, atMost } = budget;
  const limit = `≤ ${bytes(atMost)} resident`;
  const title = budget.name ?? `${service}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'memory', service, phase, limit }, () => finding(budget, seconds));
}

function finding({ service, phase, atMost }: MemoryBudget, seconds: readonly Second[]): Finding {
  const samples = samplesOf(seconds, phase, service);
  const missing = tooFewSamples(samples, service);
  if (missing !== undefined) return missing;

  const peak = samples.reduce((most, sample) => Math.max(most, sample.rssBytes), 0);
  const result = {
    measured: bytes(peak, atMost),
    events: samples.length,
    evidence: figures({
      peakRssBytes: peak,
      firstRssBytes: samples[0]?.rssBytes,
      lastRssBytes: samples.at(-1)?.rssBytes,
      atMostBytes: atMost,
      samples: samples.length,
    }),
  };
  const used = `${bytes(peak, atMost)} at most over ${count(samples.length, 'second')}`;
  if (peak > atMost) return { outcome: 'fail', reason: `${used}; ${bytes(atMost)} allowed`, ...result };
  // A running process has some memory: none means that the samples did not see it.
  if (peak > 0 && peak <= atMost) return { outcome: 'pass', reason: used, ...result };
  return inconclusive('the samples have no memory figure', result);
}
