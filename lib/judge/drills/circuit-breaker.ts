import type { Check } from '../../../reports/model/verdict.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Second } from '../../observe/observations.ts';
import { judgeLatencyRise } from '../latency-rise.ts';
import { count, exactMilliseconds, operationName, percent } from '../words.ts';
import { CLOSED_SHARE, staysClosed } from './breaker-closed.ts';
import { halfOpens } from './breaker-half-open.ts';
import { FAST_SHARE, TYPED_SHARE, failsFast, holds, opens, whereOpen, whereReached } from './breaker-open.ts';
import { type BreakerOn, OPEN_SHARE, openingOf } from './breaker-opening.ts';
import { BACK_SLACK_MS, SUCCESS_SHARE, recovers } from './breaker-recovery.ts';
import { drillCheck } from './subject.ts';

/** BRK-1 … BRK-7 of one edge. */
export function judgeCircuitBreaker(subject: BreakerOn): readonly Check[] {
  const { threshold, openTime, halfOpen, callTimeout, failFast, whileOpen } = subject.drill;
  const open = () => openingOf(subject);
  return [
    drillCheck(
      subject,
      {
        id: 'opens',
        catalogue: 'BRK-1',
        title: 'opens',
        limit: `≤ ${threshold} calls + those of ${exactMilliseconds(callTimeout)}, then ≤ ${percent(OPEN_SHARE)} of the load`,
        steps: ['failing'],
      },
      () => whereReached(open(), (opening) => opens(subject, opening)),
    ),
    drillCheck(
      subject,
      {
        id: 'fails-fast',
        catalogue: 'BRK-2',
        title: `fails fast, ${whileOpen === 'fallback' ? 'falls back' : 'refuses'}`,
        limit: `≥ ${percent(FAST_SHARE)} in under ${exactMilliseconds(failFast)}, ≥ ${percent(TYPED_SHARE)} ${whileOpen === 'fallback' ? 'answered' : 'refused'}`,
        steps: ['failing'],
      },
      () => whereReached(open(), (opening) => failsFast(subject, opening)),
    ),
    drillCheck(
      subject,
      {
        id: 'holds',
        catalogue: 'BRK-3',
        title: 'holds until its open time is over',
        limit: `no call for ${exactMilliseconds(openTime)} after each opening`,
        steps: ['failing'],
      },
      () => whereOpen(open(), (opening) => holds(subject, opening)),
    ),
    drillCheck(
      subject,
      {
        id: 'half-open',
        catalogue: 'BRK-4',
        title: halfOpen === 1 ? 'probes one by one' : `probes at most ${halfOpen} at a time`,
        limit: `≤ ${count(halfOpen, 'call')} at a time while half-open, and again after one that hung`,
        steps: ['hanging'],
      },
      () => whereOpen(open(), (opening) => halfOpens(subject, opening)),
    ),
    drillCheck(
      subject,
      {
        id: 'recovers',
        catalogue: 'BRK-5',
        title: 'recovers',
        limit: `≥ ${percent(SUCCESS_SHARE)} success ${exactMilliseconds(openTime + callTimeout + BACK_SLACK_MS)} after it is well, ≤ 1 more opening`,
        steps: ['healed'],
      },
      () => whereOpen(open(), () => recovers(subject)),
    ),
    ...(threshold > 1
      ? [closed(subject, 'stays-closed', 'below', 'stays closed below its threshold', threshold - 1)]
      : []),
    closed(subject, 'ignores-client-errors', 'client-errors', "stays closed on the client's errors", threshold),
    contains(subject),
  ];
}

function closed(subject: BreakerOn, id: string, step: 'below' | 'client-errors', title: string, tried: number): Check {
  const limit = `≥ ${percent(CLOSED_SHARE)} of the calls arrive`;
  return drillCheck(subject, { id, catalogue: 'BRK-6', title, limit, steps: [step] }, () =>
    staysClosed(subject, step, tried),
  );
}

/** The other operations, all together unless some are named, while the callee is slow, against the steady phase. */
function contains(subject: BreakerOn): Check {
  const { drill, on, plan, observations } = subject;
  const { operations, quantile, atMost, slack } = drill.others;
  const { phase } = stepOf(drill, 'slow');
  const among = (name: string): boolean => operations?.includes(name) ?? name !== on.operation;
  const seconds = observations.seconds.map((second): Second => ({
    ...second,
    operations: second.operations.filter((window) => among(window.operation)),
  }));
  const budget = {
    kind: 'latency-rise',
    operation: '*',
    protocol: on.protocol,
    phase,
    against: plan.load.steady,
    quantile,
    atMost,
    slack,
    hops: 1,
    minEvents: 100,
  } as const;
  const rise = judgeLatencyRise('', budget, plan, seconds);
  return drillCheck(
    subject,
    {
      id: 'contains',
      catalogue: 'BRK-7',
      title: `other operations don't feel a slow ${on.edge}`,
      limit: rise.limit,
      steps: ['slow'],
    },
    () => {
      const { outcome, reason, measured, events, evidence, hint } = rise;
      const who = operations?.join(', ') ?? `all but ${operationName(on)}`;
      return { outcome, reason: `${who}: ${reason}`, measured, events, evidence, ...(hint && { hint }) };
    },
  );
}
