import type { Check } from '../../../reports/model/verdict.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { SwitchObservation } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { goodEvents } from '../good-events.ts';
import { poissonLower } from '../statistics/poisson.ts';
import { sum, tallyPhase } from '../tally.ts';
import { tooFew } from '../too-few.ts';
import { count, exactMilliseconds, milliseconds, operationName, percent, percentRange, perSecond } from '../words.ts';
import { callRate, callsOn } from './calls-on.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck } from './release.ts';
import { CLOCK_MS } from './subject.ts';

type Subject = ReleaseDrill<Drill<'blue-green'>>;
type Watched = Subject['drill']['edges'][number];

const STEPS = ['candidate', 'baseline', 'again'] as const;
type Step = (typeof STEPS)[number];
const MIN_EVENTS = 100;
/** So many calls must be missing before it says something that none came. */
const MIN_EXPECTED = 20;
/** Of its rate the first time, at least this share comes to the candidate the second time. */
const BACK_SHARE = 0.5;
const FALSE_ALARM = 1e-4;

/** RBK-6, RBK-3. */
export function judgeBlueGreen(subject: Subject): readonly Check[] {
  const { edges, budget, disruption, within } = subject.drill;
  return [
    ...edges.map((watched) =>
      releaseCheck(
        subject,
        {
          id: `moves:${watched.edge}`,
          catalogue: 'RBK-6',
          title: `the traffic on ${watched.edge} moves both ways`,
          limit: `all of it within ${exactMilliseconds(within)}`,
        },
        () => moves(subject, watched),
      ),
    ),
    releaseCheck(
      subject,
      {
        id: 'holds',
        catalogue: 'RBK-6',
        title: 'either side holds the budget, the switches included',
        limit: `≥ ${percent(budget.atLeast)} of ${operationName(budget)} under ${exactMilliseconds(budget.under)}`,
        operation: budget.operation,
      },
      () => holds(subject),
    ),
    releaseCheck(
      subject,
      {
        id: 'disruption',
        catalogue: 'RBK-3',
        title: 'switching breaks nothing',
        limit: `≤ ${percent(disruption)} of all requests fail`,
      },
      () => disrupts(subject),
    ),
  ];
}

function switchOf({ drill, observations }: Subject, step: Step): SwitchObservation | undefined {
  return observations.switches.find(({ phase }) => phase === stepOf(drill, step).phase);
}

/** The part of a step in which all traffic must have moved, and the calls that arrived in it. */
function settled(subject: Subject, watched: Watched, step: Step) {
  const { drill, observations } = subject;
  const { startMs, endMs } = stepOf(drill, step);
  const fromMs = (switchOf(subject, step)?.askedMs ?? startMs) + drill.within + CLOCK_MS;
  return {
    calls: callsOn(watched, observations, fromMs, endMs),
    rate: callRate(watched, observations, fromMs, endMs),
    seconds: Math.max(0, endMs - fromMs) / 1_000,
  };
}

function moves(subject: Subject, watched: Watched): Finding {
  const notMoved = STEPS.find((step) => switchOf(subject, step)?.appliedMs === undefined);
  if (notMoved !== undefined) {
    const why = switchOf(subject, notMoved)?.error ?? 'the switch was not asked';
    return inconclusive(`the traffic could not be moved in ${notMoved}: ${why}`);
  }
  const [candidate, baseline, again] = STEPS.map((step) => settled(subject, watched, step));
  if (candidate === undefined || baseline === undefined || again === undefined) return inconclusive('no steps');
  const expectedAway = candidate.rate * baseline.seconds;
  const expectedBack = candidate.rate * again.seconds;
  const result = {
    measured: `${perSecond(candidate.rate)}, then ${perSecond(baseline.rate)}, then ${perSecond(again.rate)}`,
    events: candidate.calls.length + baseline.calls.length + again.calls.length,
    evidence: figures({
      candidateCalls: candidate.calls.length,
      baselineCalls: baseline.calls.length,
      againCalls: again.calls.length,
      expectedAway,
      expectedBack,
      withinMs: subject.drill.within,
    }),
  };
  if (Math.min(expectedAway, expectedBack) < MIN_EXPECTED) {
    return inconclusive(
      `only ${perSecond(candidate.rate)} arrived on ${watched.edge} while the candidate had all traffic`,
      {
        ...result,
        hint: "raise the rate of the drill, or check the edge's `calls`",
      },
    );
  }
  const stayed = baseline.calls.length;
  if (stayed > 0) {
    const reason = `${count(stayed, 'call')} still arrived on ${watched.edge} later than ${exactMilliseconds(subject.drill.within)} after the switch to the baseline`;
    return { outcome: 'fail', reason, ...result };
  }
  if (again.calls.length < poissonLower(BACK_SHARE * expectedBack, FALSE_ALARM)) {
    const reason = `only ${count(again.calls.length, 'call')} of about ${Math.round(expectedBack)} arrived on ${watched.edge} after the switch back to the candidate`;
    return { outcome: 'fail', reason, ...result };
  }
  return { outcome: 'pass', reason: `calls on ${watched.edge}: ${result.measured}`, ...result };
}

function holds({ drill, observations }: Subject): Finding {
  const { budget } = drill;
  const parts = STEPS.map((step) => {
    const tally = tallyPhase(observations.seconds, stepOf(drill, step).phase, budget);
    const { low, high } = goodEvents(tally, budget.under);
    return { step, tally, low: low / tally.total, high: high / tally.total };
  });
  for (const { step, tally } of parts) {
    const missing = tooFew(tally, observations.seconds, budget, MIN_EVENTS, `in ${step}`);
    if (missing !== undefined) return missing;
  }
  const texts = parts.map(({ step, low, high }) => `${step} ${percentRange(low, high, budget.atLeast)}`);
  const result = {
    measured: texts.join(', '),
    events: sum(parts, ({ tally }) => tally.total),
    evidence: figures({
      atLeastRatio: budget.atLeast,
      ...Object.fromEntries(parts.map(({ step, low }) => [`${step}Low`, low])),
      ...Object.fromEntries(parts.map(({ step, high }) => [`${step}High`, high])),
    }),
  };
  const broken = parts.filter(({ high }) => high < budget.atLeast).map(({ step }) => step);
  if (broken.length > 0) return { outcome: 'fail', reason: `the budget broke in ${broken.join(' and ')}`, ...result };
  if (parts.every(({ low }) => low >= budget.atLeast)) {
    return { outcome: 'pass', reason: 'the budget held on either side', ...result };
  }
  return inconclusive('the histogram is too coarse to tell whether the budget held', result);
}

function disrupts({ drill, observations }: Subject): Finding {
  const tallies = drill.steps.map(({ phase }) => tallyPhase(observations.seconds, phase, { operation: '*' }));
  const total = sum(tallies, (tally) => tally.total);
  const bad = sum(tallies, ({ failed, dropped, exceptions }) => failed.count + dropped + exceptions);
  const ratio = total === 0 ? 0 : bad / total;
  const result = {
    measured: `${percent(ratio, drill.disruption)}, ${bad} of ${total}`,
    events: total,
    evidence: figures({ atMostRatio: drill.disruption, bad, total }),
  };
  if (total < MIN_EVENTS) return inconclusive(`only ${count(total, 'request')}, at least ${MIN_EVENTS} needed`, result);
  const reason = `${bad} of ${total} requests failed while traffic was switched both ways`;
  if (ratio <= drill.disruption) return { outcome: 'pass', reason, ...result };
  return { outcome: 'fail', reason: `${reason}; at most ${percent(drill.disruption)} allowed`, ...result };
}

/** What a report shows of it beside its checks. */
export function pictureBlueGreen(subject: Subject): ReleasePicture {
  const marks = STEPS.flatMap((step) => {
    const { appliedMs, askedMs } = switchOf(subject, step) ?? {};
    if (appliedMs === undefined || askedMs === undefined) return [];
    return [{ atMs: appliedMs, text: `${step}: switched in ${milliseconds(appliedMs - askedMs)}` }];
  });
  const rows = subject.drill.edges.map((watched) => [
    watched.edge,
    ...STEPS.map((step) => perSecond(settled(subject, watched, step).rate)),
  ]);
  return {
    marks,
    details: [{ kind: 'table', title: 'Calls to the candidate', columns: ['edge', ...STEPS], rows }],
  };
}
