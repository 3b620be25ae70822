import type { Check } from '../../../reports/model/verdict.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { poissonUpper } from '../statistics/poisson.ts';
import { count, milliseconds, percent } from '../words.ts';
import { callRate, callsPerRequest, requestsIn } from './demand.ts';
import { type DrillOn, arrivals, drillCheck, forceOf, hitBy } from './subject.ts';

type RetryOn = DrillOn<Drill<'retry'>>;

const BIN_MS = 100;
const MIN_REQUESTS = 50;
/** Over all bins together, random arrivals go over the limit this rarely. */
const FALSE_ALARM = 1e-4;
/** In the second half of the step the calls must be what its requests usually take, within this. */
const BACK_SHARE = 1.1;
/** How long a call is on its way from the generator to the edge, and what their clocks are apart, at both ends together. */
const AT_ENDS_MS = 50;

/** RTY-1 and RTY-2 of one edge. */
export function judgeRetry(subject: RetryOn): readonly Check[] {
  const { budget, peak } = subject.drill;
  return [
    drillCheck(
      subject,
      {
        id: 'amplification',
        catalogue: 'RTY-1',
        title: 'retries stay within their budget in an outage',
        limit: `calls ≤ ${percent(budget)} of the usual ones`,
        steps: ['before', 'outage'],
      },
      () => amplification(subject),
    ),
    drillCheck(
      subject,
      {
        id: 'jitter',
        catalogue: 'RTY-2',
        title: 'calls come back evenly after it',
        limit: `peak ≤ ${percent(peak)} of the mean in ${BIN_MS} ms, back to ≤ ${percent(BACK_SHARE)} of the usual load`,
        steps: ['before', 'outage', 'healed'],
      },
      () => jitter(subject),
    ),
  ];
}

/** Of both phases, so that what a few calls at their ends are off by does not count for much. */
function usual(subject: RetryOn): number | undefined {
  return callsPerRequest(subject, subject.plan.load.steady, stepOf(subject.drill, 'before').phase);
}

/**
 * The calls of the step's requests: both by the planned step, and not by when the fault was in force, so that what is lost
 * and won at its ends is alike.
 */
function amplification(subject: RetryOn): Finding {
  const { drill } = subject;
  const { phase, startMs, endMs } = stepOf(drill, 'outage');
  const [requests, perRequest] = [requestsIn(subject, phase), usual(subject)];
  if (perRequest === undefined) return inconclusive('no call arrived on the edge before the outage');
  if (requests < MIN_REQUESTS) {
    return inconclusive(`only ${requests} requests in the outage, at least ${MIN_REQUESTS} are needed`, {
      events: requests,
    });
  }
  const failed = hitBy(subject, 'outage').length;
  if (failed === 0) {
    return inconclusive('no call reached the outage: a circuit breaker may have been open', { events: requests });
  }
  const calls = arrivals(subject, startMs, endMs).length;
  const ratio = calls / requests / perRequest;
  const limit = drill.budget * requests * perRequest + atEnds(subject);
  const result = {
    measured: `${percent(ratio, drill.budget)} of the usual calls`,
    events: requests,
    evidence: figures({ requests, calls, callsPerRequestBefore: perRequest, amplification: ratio, callsLimit: limit }),
  };
  const text = `${calls} calls for ${requests} requests, ${percent(ratio, drill.budget)} of the usual ones`;
  return { outcome: calls <= limit ? 'pass' : 'fail', reason: text, ...result };
}

/** So many calls may belong to requests of the step before, or be the next one's: what the load brings meanwhile, at random. */
function atEnds(subject: RetryOn): number {
  return poissonUpper(callRate(subject, 'outage', usual(subject) ?? 1) * AT_ENDS_MS, FALSE_ALARM);
}

function jitter(subject: RetryOn): Finding {
  const { drill } = subject;
  const { toMs: healedMs } = forceOf(subject, 'outage');
  const healed = stepOf(drill, 'healed');
  const perRequest = usual(subject);
  if (perRequest === undefined) return inconclusive('no call arrived on the edge before the outage');
  const binCount = Math.floor((healed.endMs - healedMs) / BIN_MS);
  const bins = Array.from({ length: binCount }, () => 0);
  for (const { startMs } of arrivals(subject, healedMs, healedMs + binCount * BIN_MS)) {
    const bin = Math.floor((startMs - healedMs) / BIN_MS);
    bins[bin] = (bins[bin] ?? 0) + 1;
  }
  const all = bins.reduce((sum, calls) => sum + calls, 0);
  if (all < MIN_REQUESTS) {
    return inconclusive(`only ${count(all, 'call')} after the outage, at least ${MIN_REQUESTS} are needed`, {
      events: all,
    });
  }
  const mean = all / binCount;
  const most = bins.reduce((peak, calls) => Math.max(peak, calls), 0);
  // Requests that come at random bunch up too: that is no peak of retries.
  const limit = Math.max(drill.peak * mean, poissonUpper(mean, FALSE_ALARM / binCount));
  const usualPerBin = callRate(subject, 'healed', perRequest) * BIN_MS;
  const later = bins.slice(Math.floor(binCount / 2));
  const laterMean = later.reduce((sum, calls) => sum + calls, 0) / later.length;
  const laterLimit = poissonUpper(BACK_SHARE * usualPerBin * later.length, FALSE_ALARM) / later.length;
  const result = {
    measured: `peak ${most}, mean ${mean.toFixed(1)}`,
    events: all,
    evidence: figures({
      peakCalls: most,
      meanCalls: mean,
      peakLimit: limit,
      usualCalls: usualPerBin,
      laterCalls: laterMean,
      laterLimit,
      binMs: BIN_MS,
    }),
  };
  const text = `at most ${most} calls in ${milliseconds(BIN_MS)} (mean ${mean.toFixed(1)}, at most ${limit.toFixed(1)} allowed); ${laterMean.toFixed(1)} in the second half, ${usualPerBin.toFixed(1)} for the load`;
  return { outcome: most <= limit && laterMean <= laterLimit ? 'pass' : 'fail', reason: text, ...result };
}
