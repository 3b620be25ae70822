import type { Check, Detail } from '../../../reports/model/verdict.ts';
import { type CollectorRecord, type CollectorState, roundsOf, stepIn } from '../../../chaos/drills/collector.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { Second } from '../../observe/observations.ts';
import { type Finding, figures, inconclusive } from '../finding.ts';
import { judgeLatencyRise } from '../latency-rise.ts';
import { quantileSpan } from '../quantile-span.ts';
import { lowerDifference } from '../statistics/proportions.ts';
import { type Tally, sum, tallyPhase } from '../tally.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent, quantileName } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type Subject = ReleaseDrill<Drill<'collector'>>;

const ALPHA = 0.005;

/** TRC-2. */
export function judgeCollector(subject: Subject): readonly Check[] {
  const { quantile, atMost, slack, operation } = subject.drill;
  const limit = `${quantileName(quantile)} ≤ ${percent(atMost)} of what it is with one + ${exactMilliseconds(slack)}`;
  const rounds = roundsOf(subject.drill);
  return (['hang', 'down'] as const).map((state) =>
    releaseCheck(
      subject,
      {
        id: state,
        catalogue: 'TRC-2',
        title: `a collector that ${state === 'hang' ? 'hangs' : 'is down'} costs requests nothing`,
        limit,
        steps: rounds.flatMap((round) => [stepIn('with', round), stepIn(state, round)]),
        operation,
      },
      () => findingOf(subject, state),
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

/**
 * It holds where it does over all rounds together; it fails only where it does in each of them, against all the time with a
 * collector: what a neighbour takes from the machine in one of them is not the exporters' doing.
 */
function findingOf(subject: Subject, state: 'hang' | 'down'): Finding {
  const record = recordOf(subject);
  if (record === undefined) return inconclusive('the drill was not carried out to its end');
  const spans = sum(Object.values(record.spans), (amount) => amount);
  if (spans === 0) {
    return inconclusive('no service sent spans while the collector was there: nobody could miss it', {
      hint: 'have the services export to {{otlp.http}} or {{otlp.grpc}}, and the load sampled',
    });
  }
  if (record.held === 0) {
    return inconclusive('nobody tried to export while the collector hung', {
      hint: 'make `for` longer than the exporters wait between two batches',
    });
  }
  const rounds = roundsOf(subject.drill);
  const together = findingIn(subject, state, rounds, spans);
  if (together.outcome === 'pass') return together;
  const { minEvents } = subject.drill;
  const each = rounds.map((round) => findingIn(subject, state, [round], spans, Math.ceil(minEvents / rounds.length)));
  const [first] = each;
  if (first !== undefined && each.every(({ outcome }) => outcome === 'fail')) {
    return { ...together, outcome: 'fail', reason: together.outcome === 'fail' ? together.reason : first.reason };
  }
  if (together.outcome !== 'fail') return together;
  const red = each.filter(({ outcome }) => outcome === 'fail').length;
  return inconclusive(`${together.reason}, but only in ${red} of ${count(each.length, 'round')}`, {
    ...together,
    hint: 'the machine was not equally fast all the time: use a quieter one, or more `rounds`',
  });
}

function findingIn(
  subject: Subject,
  state: 'hang' | 'down',
  rounds: readonly number[],
  spansWithCollector: number,
  minEvents = subject.drill.minEvents,
): Finding {
  const failing = moreFailed(subject, state, rounds);
  if (failing !== undefined) return failing;
  const { operation, protocol, quantile, atMost, slack } = subject.drill;
  const budget = {
    kind: 'latency-rise' as const,
    operation,
    ...(protocol === undefined ? {} : { protocol }),
    phase: state,
    against: 'with',
    quantile,
    atMost,
    slack,
    hops: 1,
    minEvents,
  };
  const seconds = pooled(subject, state, rounds);
  const { outcome, reason, hint, measured, events, evidence } = judgeLatencyRise('', budget, subject.plan, seconds);
  return {
    outcome,
    reason,
    ...(hint === undefined ? {} : { hint }),
    measured,
    events,
    evidence: { ...evidence, spansWithCollector, rounds: rounds.length },
  };
}

/** The drill's seconds with all steps of the two states under one name each: all rounds with a collector, and these without. */
function pooled({ drill, observations }: Subject, state: CollectorState, rounds: readonly number[]): readonly Second[] {
  const names = new Map<string, string>([
    ...roundsOf(drill).map((round) => [stepOf(drill, stepIn('with', round)).phase, 'with'] as const),
    ...rounds.map((round) => [stepOf(drill, stepIn(state, round)).phase, state] as const),
  ]);
  const nameOf = (phase: string): string => names.get(phase) ?? `other ${phase}`;
  return observations.seconds.map((second) => ({
    ...second,
    phase: nameOf(second.phase),
    operations: second.operations.map((window) => ({ ...window, phase: nameOf(window.phase) })),
  }));
}

/** Requests that fail are not in the quantile: so many more of them than with a collector would have moved it. */
function moreFailed(subject: Subject, state: 'hang' | 'down', rounds: readonly number[]): Finding | undefined {
  const counted = (of: CollectorState): Parameters<typeof lowerDifference>[0] => {
    const { failed, succeeded } = tallyOf(subject, of, rounds);
    return { hits: failed.count, of: failed.count + succeeded.count };
  };
  const [was, is] = [counted('with'), counted(state)];
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

function tallyOf(subject: Subject, state: CollectorState, rounds = roundsOf(subject.drill)): Tally {
  return tallyPhase(pooled(subject, state, rounds), state, subject.drill);
}

function recordOf(subject: Subject): CollectorRecord | undefined {
  return seenBy(subject)?.records?.collector;
}

function shown(ms: number): string {
  if (Number.isNaN(ms)) return '–';
  return Number.isFinite(ms) ? milliseconds(ms) : 'endless';
}
