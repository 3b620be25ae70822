import type { Check, Detail, Window } from '../../../reports/model/verdict.ts';
import { analysisStep, canaryBlocks } from '../../../chaos/drills/canary.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import { mean } from '../comparison/decide.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { exactMilliseconds, milliseconds, operationName, percent, perSecond } from '../words.ts';
import { callRate, callsOn } from './calls-on.ts';
import { type CanaryAnalysis, analyseCanary } from './canary-analysis.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';
import { CLOCK_MS } from './subject.ts';

type Subject = ReleaseDrill<Drill<'canary'>>;

/** RBK-5. That a canary was taken out again is only checked of one that was stopped. */
export function judgeCanary(subject: Subject): readonly Check[] {
  const { drill } = subject;
  const { analysis, within, shares } = drill;
  const stoppedAt = recordOf(subject)?.decisions.find(({ stop }) => stop)?.share;
  const reached = shares.slice(0, stoppedAt === undefined ? shares.length : shares.indexOf(stoppedAt) + 1);
  const steps = reached.map((share) => analysisStep(share));
  const checks = [
    releaseCheck(
      subject,
      {
        id: 'promoted',
        kind: 'comparison',
        catalogue: 'RBK-5',
        title: `the canary of ${drill.capability} is as good as the baseline`,
        limit: `≤ ${percent(analysis.margin)} more of its requests fail or take ${exactMilliseconds(analysis.under)}`,
        steps,
        operation: analysis.operation,
      },
      () => promoted(subject),
    ),
  ];
  if (stoppedAt === undefined) return checks;
  return [
    ...checks,
    releaseCheck(
      subject,
      {
        id: 'stopped',
        catalogue: 'RBK-5',
        title: 'a canary that is worse loses its traffic',
        limit: `≤ ${exactMilliseconds(within)} after it was found out`,
        ...(drill.edges.length === 0 ? { steps } : {}),
      },
      () => stopped(subject, stoppedAt),
    ),
  ];
}

function recordOf(subject: Subject) {
  return seenBy(subject)?.records?.canary;
}

function promoted(subject: Subject): Finding {
  const { drill, observations } = subject;
  const record = recordOf(subject);
  if (record === undefined) return inconclusive('nothing is known of what it did');
  const { decisions, notMoved, backMs } = record;
  const analyses = decisions.map((decided) => ({
    ...decided,
    ...analyseCanary(drill, decided.share, observations.seconds),
  }));
  const worse = analyses.find(({ decision }) => decision?.outcome === 'fail');
  const last = worse ?? analyses.at(-1);
  if (last === undefined) return inconclusive('no share was looked at');
  const effect = effectOf(last);
  const result = {
    measured: effect === undefined ? 'not enough blocks' : `${effect.text} at ${last.share} %`,
    events: last.events,
    evidence: figures({
      sharePercent: last.share,
      withoutRatio: finite(mean(last.without)),
      withRatio: finite(mean(last.with)),
      candidateWorseBy: effect?.estimate,
      lower: effect?.lower,
      upper: effect?.upper,
      marginRatio: drill.analysis.margin,
      detectableRatio: finite(last.detectable),
      stopped: last.stop,
    }),
  };
  if (notMoved.length > 0) {
    return inconclusive(`the traffic was moved too late in ${notMoved.join(', ')}`, {
      ...result,
      hint: 'a longer `settle`',
    });
  }
  const stoppedAt = decisions.find(({ stop }) => stop);
  if (worse !== undefined && effect !== undefined) {
    const what = stoppedAt === undefined ? ' and was not stopped' : `: stopped at ${stoppedAt.share} %`;
    const back =
      stoppedAt === undefined || backMs === undefined
        ? ''
        : `, rolled back ${milliseconds(backMs - stoppedAt.atMs)} later`;
    return {
      outcome: 'fail',
      reason: `the candidate is worse${what}${back}; ${effect.text} at ${worse.share} %, allowed is ${percent(drill.analysis.margin)}`,
      ...result,
    };
  }
  if (stoppedAt !== undefined) {
    return inconclusive(
      `it was stopped at ${stoppedAt.share} %, but all that came in later does not show it to be worse`,
      result,
    );
  }
  if (decisions.length < drill.shares.length) return inconclusive('not every share was looked at', result);
  if (last.decision?.outcome === 'pass' && effect !== undefined) {
    return { outcome: 'pass', reason: `promoted up to ${last.share} %: ${effect.text}`, ...result };
  }
  return inconclusive(
    effect === undefined
      ? `in some blocks there were no requests of ${operationName(drill.analysis)}`
      : `${effect.text}: neither shown to be as good nor to be worse`,
    { ...result, hint: 'more blocks, longer ones, or a higher rate' },
  );
}

/** JSON has no infinity. */
function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** How many more of the candidate's own requests were bad: what shows in all, by its share. */
function effectOf({ decision, share }: CanaryAnalysis & { readonly share: number }) {
  if (decision === undefined) return undefined;
  // More than all of them cannot be bad, whatever chance has added.
  const own = (value: number): number => Math.max(-1, Math.min(1, (value * 100) / share));
  const [estimate, lower, upper] = [own(decision.estimate), own(decision.lower), own(decision.upper)];
  return { estimate, lower, upper, text: `${points(estimate)} bad requests (${points(lower)} to ${points(upper)})` };
}

/** 0.25 → "+25 points" of a share. */
function points(difference: number): string {
  const shown = Number((Math.abs(difference) * 100).toFixed(2));
  return `${shown === 0 ? '±' : difference > 0 ? '+' : '−'}${shown} points`;
}

function stopped(subject: Subject, share: number): Finding {
  const { drill, observations } = subject;
  const { decisions = [], backMs, backError } = recordOf(subject) ?? {};
  const decidedMs = decisions.find(({ stop }) => stop)?.atMs ?? 0;
  const boundMs = decidedMs + drill.within + CLOCK_MS;
  const endMs = drill.steps.at(-1)?.endMs ?? 0;
  const { startMs } = stepOf(drill, analysisStep(share));
  const late = drill.edges.map((watched) => ({
    edge: watched.edge,
    calls: callsOn(watched, observations, boundMs, endMs).length,
    rate: callRate(watched, observations, startMs + CLOCK_MS, decidedMs),
  }));
  const result = {
    measured: backMs === undefined ? 'not seen' : milliseconds(backMs - decidedMs),
    events: late.reduce((total, { calls }) => total + calls, 1),
    evidence: figures({
      decidedMs,
      withinMs: drill.within,
      backAfterMs: backMs === undefined ? undefined : backMs - decidedMs,
    }),
  };
  if (backMs === undefined) {
    return { outcome: 'fail', reason: `its traffic was not taken away: ${backError ?? 'nothing was seen'}`, ...result };
  }
  const silent = late.find(({ rate }) => rate === 0);
  if (silent !== undefined) return inconclusive(`no call arrived on ${silent.edge} even before`, result);
  const going = late.filter(({ calls }) => calls > 0);
  const slow = backMs - decidedMs > drill.within;
  if (!slow && going.length === 0) {
    const seen = late.map(({ edge, rate }) => `no more calls on ${edge} (${perSecond(rate)} before)`);
    const reason = [`it lost its traffic ${milliseconds(backMs - decidedMs)} after it was found out`, ...seen].join(
      '; ',
    );
    return { outcome: 'pass', reason, ...result };
  }
  const reason = slow
    ? `the switch showed it only ${milliseconds(backMs - decidedMs)} after it was found out`
    : going.map(({ edge, calls }) => `${calls} calls arrived on ${edge} after the bound`).join('; ');
  return { outcome: 'fail', reason, ...result };
}

/** What a report shows of it beside its checks. */
export function pictureCanary(subject: Subject): ReleasePicture {
  const { drill, observations } = subject;
  const { decisions = [], backMs } = recordOf(subject) ?? {};
  const rows = decisions.map(({ share, stop }) => {
    const analysis = analyseCanary(drill, share, observations.seconds);
    const effect = effectOf({ ...analysis, share });
    return [
      `${share} %`,
      shareText(analysis.without),
      shareText(analysis.with),
      effect?.text ?? '–',
      stop ? 'stopped' : 'went on',
    ];
  });
  const details: Detail[] =
    rows.length === 0
      ? []
      : [
          {
            kind: 'table',
            title: 'Bad requests at each share',
            columns: ['share', 'without canary', 'with canary', 'of its own requests', 'decided'],
            rows,
          },
        ];
  return {
    marks: [
      ...decisions.map(({ share, stop, atMs }) => ({
        atMs,
        text: stop ? `stopped at ${share} %` : `${share} % is good`,
      })),
      ...(backMs === undefined ? [] : [{ atMs: backMs, text: 'rolled back' }]),
    ],
    details,
    steps: stepsShown(drill),
  };
}

function shareText(blocks: readonly number[]): string {
  return blocks.length === 0 ? '–' : percent(mean(blocks));
}

/** The blocks of a share are one step to a reader. */
function stepsShown(drill: Drill<'canary'>): readonly Window[] {
  const after = drill.steps.find(({ step }) => step === 'after');
  return [
    ...drill.shares.flatMap((share): Window[] => {
      const first = canaryBlocks(share, drill)[0];
      const analysis = stepOf(drill, analysisStep(share));
      const { startMs } = stepOf(drill, first?.settle ?? first?.step ?? analysis.step);
      const detail = `${drill.analysis.blocks} blocks with it, ${drill.analysis.blocks} without`;
      return [
        { name: `${share} %`, startMs, endMs: analysis.startMs, detail },
        { name: 'analysis', startMs: analysis.startMs, endMs: analysis.endMs, detail: `${share} %` },
      ];
    }),
    ...(after === undefined ? [] : [{ name: 'after', startMs: after.startMs, endMs: after.endMs, detail: '' }]),
  ];
}
