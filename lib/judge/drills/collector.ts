import type { Check, Detail } from '../../../reports/model/verdict.ts';
import type { CollectorRecord } from '../../../chaos/drills/collector.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { judgeLatencyRise } from '../latency-rise.ts';
import { quantileSpan } from '../quantile-span.ts';
import { lowerDifference } from '../statistics/proportions.ts';
import { sum, tallyPhase } from '../tally.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent, quantileName } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type Subject = ReleaseDrill<Drill<'collector'>>;
type Step = 'with' | 'hang' | 'down';

const ALPHA = 0.005;

/** TRC-2. */
export function judgeCollector(subject: Subject): readonly Check[] {
  const { quantile, atMost, slack, operation } = subject.drill;
  const limit = `${quantileName(quantile)} ≤ ${percent(atMost)} of what it is with one + ${exactMilliseconds(slack)}`;
  return (['hang', 'down'] as const).map((step) =>
    releaseCheck(
      subject,
      {
        id: step,
        catalogue: 'TRC-2',
        title: `a collector that ${step === 'hang' ? 'hangs' : 'is down'} costs requests nothing`,
        limit,
        steps: ['with', step],
        operation,
      },
      () => findingOf(subject, step),
    ),
  );
}

/** What a report shows of it beside its checks. */
export function pictureCollector(subject: Subject): ReleasePicture {
  const { drill } = subject;
  const steps = [
    ['with', 'the collector takes spans'],
    ['hang', 'it hangs'],
    ['down', 'it is down'],
  ] as const;
  const table: Detail = {
    kind: 'table',
    title: operationName(drill),
    columns: ['step', 'requests', 'failed', 'p50', quantileName(drill.quantile)],
    rows: steps.map(([step, text]) => {
      const { succeeded, failed, dropped } = tallyOf(subject, step);
      const at = (q: number): string => shown(quantileSpan(succeeded, q, dropped).estimateMs);
      return [
        text,
        String(succeeded.count + failed.count),
        String(failed.count + dropped),
        at(0.5),
        at(drill.quantile),
      ];
    }),
  };
  const record = recordOf(subject);
  const spans: readonly Detail[] =
    record === undefined
      ? []
      : [
          {
            kind: 'table',
            title: 'spans that came',
            columns: ['service', 'while the collector was there', 'when it was back'],
            rows: Object.entries(record.spans).map(([service, amount]) => [
              service,
              String(amount),
              String(record.spansAfter[service] ?? 0),
            ]),
          },
        ];
  const marks = (seenBy(subject)?.marks ?? []).map(({ atMs, text }) => ({ atMs, text }));
  return { marks, details: [table, ...spans] };
}

function findingOf(subject: Subject, step: 'hang' | 'down'): Finding {
  const { drill, plan, observations } = subject;
  const record = recordOf(subject);
  if (record === undefined) return inconclusive('the drill was not carried out to its end');
  if (sum(Object.values(record.spans), (spans) => spans) === 0) {
    return inconclusive('no service sent spans while the collector was there: nobody could miss it', {
      hint: 'have the services export to {{otlp.http}} or {{otlp.grpc}}, and the load sampled',
    });
  }
  if (step === 'hang' && record.held === 0) {
    return inconclusive('nobody tried to export while the collector hung', {
      hint: 'make `for` longer than the exporters wait between two batches',
    });
  }
  const failing = moreFailed(subject, step);
  if (failing !== undefined) return failing;
  const { operation, protocol, quantile, atMost, slack, minEvents } = drill;
  const budget = {
    kind: 'latency-rise' as const,
    operation,
    ...(protocol === undefined ? {} : { protocol }),
    phase: stepOf(drill, step).phase,
    against: stepOf(drill, 'with').phase,
    quantile,
    atMost,
    slack,
    hops: 1,
    minEvents,
  };
  const { outcome, reason, hint, measured, events, evidence } = judgeLatencyRise(
    '',
    budget,
    plan,
    observations.seconds,
  );
  const figuresOf = {
    ...evidence,
    spansWithCollector: sum(Object.values(record.spans), (spans) => spans),
    held: record.held,
  };
  return { outcome, reason, ...(hint === undefined ? {} : { hint }), measured, events, evidence: figuresOf };
}

/** Requests that fail are not in the quantile: so many more of them than with a collector would have moved it. */
function moreFailed(subject: Subject, step: 'hang' | 'down'): Finding | undefined {
  const [before, now] = [tallyOf(subject, 'with'), tallyOf(subject, step)];
  const [was, is] = [before, now].map(({ failed, succeeded }) => ({
    hits: failed.count,
    of: failed.count + succeeded.count,
  })) as [Parameters<typeof lowerDifference>[0], Parameters<typeof lowerDifference>[1]];
  if (is.of === 0 || was.of === 0) return undefined;
  if (lowerDifference(is, was, ALPHA) <= 1 - subject.drill.quantile) return undefined;
  const share = percent(is.hits / is.of);
  return {
    outcome: 'fail',
    reason: `${count(is.hits, 'request')} of ${is.of} failed (${share}), ${was.hits} of ${was.of} with a collector`,
    measured: `${share} failed`,
    events: is.of,
    evidence: figures({
      failed: is.hits,
      requests: is.of,
      failedWithCollector: was.hits,
      requestsWithCollector: was.of,
    }),
  };
}

function tallyOf({ drill, observations }: Subject, step: Step) {
  return tallyPhase(observations.seconds, stepOf(drill, step).phase, drill);
}

function recordOf(subject: Subject): CollectorRecord | undefined {
  return seenBy(subject)?.records?.collector;
}

function shown(ms: number): string {
  if (Number.isNaN(ms)) return '–';
  return Number.isFinite(ms) ? milliseconds(ms) : 'endless';
}
