import type { Check, Detail } from '../../../reports/model/verdict.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { Second } from '../../observe/observations.ts';
import { coverage, isDense, judgeWindow } from '../budget-window.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { goodEvents } from '../good-events.ts';
import { type WindowVerdict, recoverySpan } from '../recovery-span.ts';
import { sum, tallyPhase, tallySecond } from '../tally.ts';
import { seenHint, wasSeen } from '../too-few.ts';
import { exactMilliseconds, milliseconds, operationName, percent } from '../words.ts';
import { badRow } from './bad-windows.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type Subject = ReleaseDrill<Drill<'rollback'>>;

/** Windows that must hold in a row, looked at together with those of the shift. */
const RECOVERED_MS = 3_000;
const MIN_EVENTS = 100;

/** RBK-2, RBK-3. */
export function judgeRollback(subject: Subject): readonly Check[] {
  const { budget, within, disruption } = subject.drill;
  const steps = subject.drill.fault === undefined ? ['bad'] : ['shifted', 'bad'];
  return [
    releaseCheck(
      subject,
      {
        id: 'recovers',
        catalogue: 'RBK-2',
        title: `a rollback makes it well again in ${exactMilliseconds(within)}`,
        limit: `≤ ${exactMilliseconds(within)} to ≥ ${percent(budget.atLeast)} of ${operationName(budget)} under ${exactMilliseconds(budget.under)}`,
        steps,
        operation: budget.operation,
      },
      () => recovers(subject),
    ),
    releaseCheck(
      subject,
      {
        id: 'disruption',
        catalogue: 'RBK-3',
        title: 'the rollback itself breaks nothing',
        limit: `≤ ${percent(disruption)} of all requests fail during it`,
        steps,
      },
      () => disrupts(subject),
    ),
  ];
}

/** The stages of the rollback, as far as it got; milliseconds on the run's clock. */
interface Timeline {
  readonly triggerMs: number;
  readonly detectedMs: number;
  readonly askedMs: number;
  /** Undefined: the switch did not show it. */
  readonly appliedMs: number | undefined;
  /** As `recoverySpan`, but since the trigger. */
  readonly earliestMs: number;
  readonly latestMs: number | undefined;
}

/** Undefined with the reason: there is nothing to judge. */
function timelineOf(subject: Subject): Timeline | { readonly missing: Finding } {
  const { drill, plan, observations } = subject;
  const { seconds } = observations;
  const { budget } = drill;
  if (!wasSeen(seconds, budget)) {
    const hint = seenHint(seconds, budget);
    return { missing: inconclusive(`no request of ${operationName(budget)} was seen in the whole run`, { hint }) };
  }
  const before = wellBefore(subject);
  if (before !== undefined) return { missing: before };
  const triggerMs = triggerOf(subject);
  if (triggerMs === undefined) return { missing: inconclusive('traffic was not seen to move to the candidate') };

  const asked = markOf(subject, 'asked');
  const dense = isDense(seconds, plan.load.steady, budget);
  const isCovered = coverage(observations.generator.pushesMs);
  const bad = stepOf(drill, 'bad');
  const windows = seconds
    .filter(({ t }) => t * 1_000 >= bad.startMs && (t + 1) * 1_000 <= bad.endMs)
    .toSorted((a, b) => a.t - b.t)
    .map((second) => judgeWindow(second, budget, dense && isCovered(second.t * 1_000 + 500)));
  const row = badRow(
    windows.filter(({ startMs }) => asked === undefined || startMs + 1_000 <= asked),
    drill.decideAfter,
  );
  if (asked === undefined || row === undefined) return { missing: notFelt(windows) };
  const from = windows.filter(({ startMs }) => startMs >= asked);
  const { earliestMs, latestMs } = recoverySpan(from, asked);
  return {
    triggerMs,
    detectedMs: Math.max(triggerMs, markOf(subject, 'detected') ?? row.detected.startMs + 1_000),
    askedMs: asked,
    appliedMs: markOf(subject, 'applied'),
    earliestMs: earliestMs + asked - triggerMs,
    latestMs: latestMs === undefined ? undefined : latestMs + asked - triggerMs,
  };
}

function notFelt(windows: readonly WindowVerdict[]): Finding {
  const bad = windows.filter(({ possibly }) => !possibly).length;
  return inconclusive(
    `the budget was broken in ${bad} of ${windows.length} windows: never so many in a row that a rollback was called for`,
    { hint: 'a stronger fault, a stricter budget, or more traffic on the candidate' },
  );
}

/** Why the state before the trigger says nothing; a candidate that is bad by itself has the steady phase before it. */
function wellBefore({ drill, plan, observations }: Subject): Finding | undefined {
  const { budget } = drill;
  const phase = drill.fault === undefined ? plan.load.steady : stepOf(drill, 'shifted').phase;
  const tally = tallyPhase(observations.seconds, phase, budget);
  if (tally.total < MIN_EVENTS) {
    return inconclusive(
      `only ${tally.total} requests of ${operationName(budget)} before it, at least ${MIN_EVENTS} needed`,
      {
        hint: 'raise the rate of the drill',
      },
    );
  }
  const share = goodEvents(tally, budget.under).high / tally.total;
  if (share >= budget.atLeast) return undefined;
  return inconclusive(`the budget did not hold even before: ${percent(share, budget.atLeast)} in ${phase}`);
}

function triggerOf({ drill, observations }: Subject): number | undefined {
  if (drill.fault === undefined) {
    return observations.switches.find(({ phase }) => phase === stepOf(drill, 'bad').phase)?.appliedMs;
  }
  return observations.faults.find(({ name }) => name === `${drill.name}-bad`)?.injectedMs;
}

function markOf(subject: Subject, event: string): number | undefined {
  return seenBy(subject)?.marks?.find((mark) => mark.event === event)?.atMs;
}

/** RBK-2 */
function recovers(subject: Subject): Finding {
  const timeline = timelineOf(subject);
  if ('missing' in timeline) return timeline.missing;
  const { within } = subject.drill;
  const { triggerMs, detectedMs, askedMs, appliedMs, earliestMs, latestMs } = timeline;
  const { notApplied } = seenBy(subject)?.records?.rollback ?? {};
  const drainMs = latestMs === undefined || appliedMs === undefined ? undefined : triggerMs + latestMs - appliedMs;
  const result = {
    measured: latestMs === undefined ? `> ${milliseconds(earliestMs)}` : milliseconds(latestMs),
    events: sum(windowsAfter(subject, askedMs), (second) => tallySecond(second, subject.drill.budget).total),
    evidence: figures({
      withinMs: within,
      detectMs: detectedMs - triggerMs,
      decideMs: askedMs - detectedMs,
      shiftMs: appliedMs === undefined ? undefined : appliedMs - askedMs,
      drainMs: drainMs === undefined ? undefined : Math.max(0, drainMs),
      recoveredEarliestMs: earliestMs,
      recoveredLatestMs: latestMs,
    }),
  };
  const stages = `detected after ${milliseconds(detectedMs - triggerMs)}, decided ${milliseconds(askedMs - detectedMs)} later, ${
    appliedMs === undefined
      ? 'and the switch did not show it'
      : `in force ${milliseconds(appliedMs - askedMs)} after that`
  }${notApplied === undefined ? '' : ` (${notApplied})`}`;
  if (latestMs !== undefined && latestMs <= within) {
    return { outcome: 'pass', reason: `well again ${milliseconds(latestMs)} after the trigger: ${stages}`, ...result };
  }
  if (earliestMs > within) {
    const how =
      latestMs === undefined ? 'not well again at all' : `well again only ${milliseconds(latestMs)} after the trigger`;
    return { outcome: 'fail', reason: `${how}: ${stages}; at most ${exactMilliseconds(within)} allowed`, ...result };
  }
  return inconclusive(
    latestMs === undefined
      ? `not seen to be well again, but the windows watched were too few to say that it was not: ${stages}`
      : `well again between ${milliseconds(earliestMs)} and ${milliseconds(latestMs)} after the trigger: windows of one second are too coarse to tell whether that is within ${exactMilliseconds(within)}`,
    { ...result, hint: 'allow at least one second more than the system needs' },
  );
}

/** RBK-3 */
function disrupts(subject: Subject): Finding {
  const timeline = timelineOf(subject);
  if ('missing' in timeline) return timeline.missing;
  const { drill } = subject;
  const { triggerMs, askedMs, latestMs } = timeline;
  const untilMs = latestMs === undefined ? stepOf(drill, 'bad').endMs : triggerMs + latestMs + RECOVERED_MS;
  const tallies = windowsAfter(subject, askedMs, untilMs).map((second) => tallySecond(second, { operation: '*' }));
  const total = sum(tallies, (tally) => tally.total);
  const bad = sum(tallies, ({ failed, dropped, exceptions }) => failed.count + dropped + exceptions);
  const ratio = total === 0 ? 0 : bad / total;
  const result = {
    measured: `${percent(ratio, drill.disruption)}, ${bad} of ${total}`,
    events: total,
    evidence: figures({ atMostRatio: drill.disruption, bad, total, fromMs: askedMs, untilMs }),
  };
  if (total < MIN_EVENTS) return inconclusive(`only ${total} requests during the rollback`, result);
  const text = `${bad} of ${total} requests failed from when it was asked for until three windows held`;
  if (ratio <= drill.disruption) return { outcome: 'pass', reason: text, ...result };
  return { outcome: 'fail', reason: `${text}; at most ${percent(drill.disruption)} allowed`, ...result };
}

/** Windows that lie wholly behind a moment of the step. */
function windowsAfter({ drill, observations }: Subject, fromMs: number, untilMs = Infinity): readonly Second[] {
  const endMs = Math.min(stepOf(drill, 'bad').endMs, untilMs);
  return observations.seconds.filter(({ t }) => t * 1_000 >= fromMs && (t + 1) * 1_000 <= endMs);
}

/** What a report shows of it beside its checks. */
export function pictureRollback(subject: Subject): ReleasePicture {
  const timeline = timelineOf(subject);
  if ('missing' in timeline) return { marks: [], details: [] };
  const { triggerMs, detectedMs, askedMs, appliedMs, latestMs } = timeline;
  const recoveredMs = latestMs === undefined ? undefined : triggerMs + latestMs;
  const stages = [
    stage('detect', triggerMs, detectedMs),
    stage('decide', detectedMs, askedMs),
    ...(appliedMs === undefined ? [] : [stage('shift', askedMs, appliedMs)]),
    ...(appliedMs === undefined || recoveredMs === undefined
      ? []
      : [stage('drain', appliedMs, Math.max(appliedMs, recoveredMs))]),
  ];
  const details: Detail[] = [
    { kind: 'stages', title: 'From the trigger to recovery', stages, limitMs: triggerMs + subject.drill.within },
  ];
  return {
    marks: [
      { atMs: triggerMs, text: 'trigger' },
      { atMs: detectedMs, text: 'detected' },
      { atMs: askedMs, text: 'rollback' },
      ...(recoveredMs === undefined ? [] : [{ atMs: recoveredMs, text: 'well again' }]),
    ],
    details,
  };
}

function stage(name: string, startMs: number, endMs: number) {
  return { name, startMs, endMs, detail: milliseconds(endMs - startMs) };
}
