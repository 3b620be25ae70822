import type { Check } from '../../reports/model/verdict.ts';
import type { Second } from '../observe/observations.ts';
import type { CpuPerRequestBudget } from '../plan/schema/budgets.ts';
import { formatDuration } from '../units.ts';
import { cpuDrift, leastDriftSeconds, requestsIn, TICK_MS } from './cpu-drift.ts';
import type { CpuDrift } from './cpu-drift.ts';
import { figures, inconclusive } from './finding.ts';
import type { Finding } from './finding.ts';
import { longerBy } from './longer.ts';
import { samplesOf, tooFewSamples } from './resource-samples.ts';
import type { Sample } from './resource-samples.ts';
import { safely } from './safely.ts';
import { sum } from './tally.ts';
import { count, cpuMilliseconds, percent } from './words.ts';

/** Requests are placed in seconds by pushes, at most half a second off: a phase's first and last second are not its own alone. */
const EDGE_SECONDS = 1;

interface Part {
  readonly outcome: Check['outcome'];
  readonly text: string;
  readonly hint?: string;
}

/**
 * "`service` spends ≤ `atMost` of CPU time a request, and that drifts by ≤ `drift` over the phase". CPU time of the service,
 * whatever it spends it on, ÷ requests of all operations together that ended (whatever their outcome), in the seconds of
 * the phase without its first and last one.
 *
 * The mean is exact but for the 10 ms ticks that CPU time is told in. The drift is the straight line's rise over the
 * phase ÷ the mean, with a 95 % interval, see `cpuDrift`: it holds when its upper bound does, fails when its lower bound is
 * above the limit, and is inconclusive in between. A fall is no drift.
 */
export function judgeCpuPerRequest(id: string, budget: CpuPerRequestBudget, seconds: readonly Second[]): Check {
  const { service, phase, atMost, drift } = budget;
  const limit = [
    atMost === undefined ? undefined : `≤ ${cpuMilliseconds(atMost)} a request`,
    drift === undefined ? undefined : `≤ ${percent(drift)} drift`,
  ]
    .filter((text) => text !== undefined)
    .join(', ');
  const title = budget.name ?? `${service}: ${limit} in ${phase}`;
  return safely({ id, title, kind: 'cpu-per-request', service, phase, limit }, () => finding(budget, seconds));
}

function finding(budget: CpuPerRequestBudget, seconds: readonly Second[]): Finding {
  const { service, atMost, drift: maxDrift, minEvents } = budget;
  const all = samplesOf(seconds, budget.phase, service);
  const samples = all.slice(EDGE_SECONDS, -EDGE_SECONDS);
  const missing = tooFewSamples(samples, service) ?? tooFewRequests(samples, minEvents);
  if (missing !== undefined) return missing;

  const requests = sum(samples, requestsIn);
  const cpuMs = sum(samples, ({ cpuCores }) => cpuCores * 1_000);
  const meanMs = cpuMs / requests;
  const drift = maxDrift === undefined ? undefined : cpuDrift(samples);
  const parts = [
    atMost === undefined ? undefined : judgeMean(meanMs, requests, atMost),
    maxDrift === undefined ? undefined : judgeDrift(drift, samples.length, maxDrift),
  ].filter((part) => part !== undefined);
  const result = {
    measured: [
      `${cpuMilliseconds(meanMs, atMost)} a request`,
      drift === undefined ? undefined : `drift ${shown(drift, maxDrift)}`,
    ]
      .filter((text) => text !== undefined)
      .join(', '),
    events: requests,
    evidence: figures({
      cpuMsPerRequest: meanMs,
      atMostMs: atMost,
      cpuMs,
      requests,
      seconds: samples.length,
      driftRatio: drift?.ratio,
      driftLowerRatio: drift?.lower,
      driftUpperRatio: drift?.upper,
      atMostDriftRatio: maxDrift,
      bins: drift?.bins,
    }),
  };
  if (!(cpuMs > 0)) {
    return inconclusive(`no CPU time of ${service} was seen`, { ...result, hint: 'is it called at all?' });
  }
  const worst = parts.find(({ outcome }) => outcome === 'fail') ?? parts.find(({ outcome }) => outcome !== 'pass');
  const text = (worst === undefined ? parts : [worst]).map((part) => part.text).join('; ');
  return {
    outcome: worst?.outcome ?? 'pass',
    reason: `${text}, over ${count(requests, 'request')} in ${count(samples.length, 'second')}`,
    ...(worst?.hint === undefined ? {} : { hint: worst.hint }),
    ...result,
  };
}

function tooFewRequests(samples: readonly Sample[], minEvents: number): Finding | undefined {
  const requests = sum(samples, requestsIn);
  if (requests >= Math.max(1, minEvents)) return undefined;
  return inconclusive(`${count(requests, 'request')}, at least ${Math.max(1, minEvents)} needed`, {
    hint: 'make the phase longer, raise the rate, or lower the minimum number of events',
    measured: count(requests, 'request'),
    events: requests,
  });
}

function judgeMean(meanMs: number, requests: number, atMost: number): Part {
  // CPU time at both ends is told in ticks, of user and system time.
  const errorMs = (2 * TICK_MS) / requests;
  const text = `${cpuMilliseconds(meanMs, atMost)} a request`;
  if (meanMs <= atMost) return { outcome: 'pass', text };
  if (meanMs - errorMs > atMost)
    return { outcome: 'fail', text: `${text}, at most ${cpuMilliseconds(atMost)} allowed` };
  return {
    outcome: 'inconclusive',
    text: `${text}: the limit lies within what ticks of ${TICK_MS} ms can tell`,
    hint: 'make the phase longer or raise the rate',
  };
}

function judgeDrift(drift: CpuDrift | undefined, seconds: number, maxDrift: number): Part {
  if (drift === undefined) {
    const needed = leastDriftSeconds() + 2 * EDGE_SECONDS;
    return {
      outcome: 'inconclusive',
      text: `${count(seconds, 'second')} are too short for a drift`,
      hint: `let the phase last at least ${formatDuration(needed * 1_000)}`,
    };
  }
  const text = `it drifts by ${shown(drift, maxDrift)}`;
  if (drift.upper <= maxDrift) return { outcome: 'pass', text };
  if (drift.lower > maxDrift) return { outcome: 'fail', text: `${text}, at most ${percent(maxDrift)} allowed` };
  // The interval's half width falls with the root of the number of bins.
  const factor = ((drift.upper - drift.ratio) / Math.abs(maxDrift - drift.ratio)) ** 2;
  return {
    outcome: 'inconclusive',
    text: `${text}: too noisy to tell whether that is at most ${percent(maxDrift)}`,
    hint: longerBy(factor, seconds + 2 * EDGE_SECONDS),
  };
}

function shown({ ratio, lower, upper }: CpuDrift, limit: number | undefined): string {
  return `${percent(ratio, limit)} (95 %: ${percent(lower, limit)} to ${percent(upper, limit)})`;
}
