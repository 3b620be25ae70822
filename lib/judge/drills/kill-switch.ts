import type { Check } from '../../../reports/model/verdict.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { KillSwitchUseRecord } from '../../../chaos/drills/kill-switch.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { poissonLower } from '../statistics/poisson.ts';
import { sum } from '../tally.ts';
import { count, exactMilliseconds, milliseconds, perSecond } from '../words.ts';
import { callRate, callsOn } from './calls-on.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';
import { CLOCK_MS } from './subject.ts';

type Subject = ReleaseDrill<Drill<'kill-switch'>>;
type Watched = Subject['drill']['edges'][number];

/** So many calls must be missing before it says something that none came. */
const MIN_EXPECTED = 20;
/** After its release at least this share of what came before comes back. */
const BACK_SHARE = 0.5;
const FALSE_ALARM = 1e-4;
/** Left out of the time before: the traffic has moved by then. */
const MOVING_MS = 1_000;

/** RBK-4. */
export function judgeKillSwitch(subject: Subject): readonly Check[] {
  const { edges, within, control } = subject.drill;
  const bound = exactMilliseconds(within);
  const catalogue = 'RBK-4';
  return [
    ...edges.map((watched) =>
      releaseCheck(
        subject,
        {
          id: `stops:${watched.edge}`,
          catalogue,
          title: `the kill switch reaches ${watched.edge}`,
          limit: `no call ${bound} after it is engaged`,
          steps: ['before', 'engaged'],
        },
        () => stops(subject, watched, 'engaged'),
      ),
    ),
    releaseCheck(
      subject,
      {
        id: 'again',
        catalogue,
        title: 'a second use changes nothing',
        limit: 'the same state, no error',
        steps: ['engaged'],
      },
      () => again(subject),
    ),
    releaseCheck(
      subject,
      {
        id: 'releases',
        catalogue,
        title: 'it can be released',
        limit: `calls arrive again ${bound} after it`,
        steps: ['before', 'engaged', 'released'],
      },
      () => releases(subject),
    ),
    ...(control === undefined
      ? []
      : [
          releaseCheck(
            subject,
            {
              id: 'control',
              catalogue,
              title: `it gets through while ${control.edge} is disturbed`,
              limit: `no call ${bound} after it is engaged`,
              steps: ['before', 'control'],
            },
            () => stopsAll(subject),
          ),
        ]),
  ];
}

function useOf(subject: Subject, use: KillSwitchUseRecord['use']): KillSwitchUseRecord | undefined {
  return seenBy(subject)?.records?.['kill-switch']?.uses.find((one) => one.use === use);
}

/** What arrived on the edge after the switch was engaged. */
function afterwards({ drill, observations }: Subject, watched: Watched, step: 'engaged' | 'control', askedMs: number) {
  const [before, { endMs }] = [stepOf(drill, 'before'), stepOf(drill, step)];
  const boundMs = askedMs + drill.within + CLOCK_MS;
  const rate = callRate(watched, observations, before.startMs + MOVING_MS, before.endMs);
  const calls = callsOn(watched, observations, askedMs, endMs);
  const lastMs = calls.at(-1)?.startMs;
  return {
    rate,
    expected: (rate * Math.max(0, endMs - boundMs)) / 1_000,
    late: calls.filter(({ startMs }) => startMs >= boundMs),
    lastAfterMs: lastMs === undefined ? 0 : lastMs - askedMs,
  };
}

function stops(subject: Subject, watched: Watched, step: 'engaged' | 'control'): Finding {
  const use = useOf(subject, step);
  if (use === undefined) return inconclusive('it was not engaged');
  const { rate, expected, late, lastAfterMs } = afterwards(subject, watched, step, use.askedMs);
  const result = {
    measured:
      late.length === 0 ? `last call after ${milliseconds(lastAfterMs)}` : `${count(late.length, 'call')} too late`,
    events: Math.round(expected),
    evidence: figures({
      edge: watched.edge,
      askedMs: use.askedMs,
      appliedAfterMs: use.appliedMs === undefined ? undefined : use.appliedMs - use.askedMs,
      withinMs: subject.drill.within,
      lastCallAfterMs: lastAfterMs,
      callsBeforePerSecond: rate,
      expectedCalls: expected,
      lateCalls: late.length,
      firstLateOperation: late[0]?.operation,
    }),
  };
  if (expected < MIN_EXPECTED) {
    return inconclusive(`only ${perSecond(rate)} arrived on ${watched.edge} before: that none comes says nothing`, {
      ...result,
      hint: 'give the candidate more traffic, or raise the rate of the drill',
    });
  }
  if (use.error !== undefined && step === 'engaged')
    return inconclusive(`it could not be engaged: ${use.error}`, result);
  if (use.error !== undefined) {
    return { outcome: 'fail', reason: `it did not get through: ${use.error}`, ...result };
  }
  const usual = `${perSecond(rate)} before`;
  if (late.length === 0) {
    const reason = `the last call on ${watched.edge} arrived ${milliseconds(lastAfterMs)} after it was engaged (${usual})`;
    return { outcome: 'pass', reason, ...result };
  }
  return {
    outcome: 'fail',
    reason: `${count(late.length, 'call')} arrived on ${watched.edge} later than ${exactMilliseconds(subject.drill.within)} after it was engaged, the last after ${milliseconds(lastAfterMs)} (${usual})`,
    ...result,
  };
}

/** On every edge; the worst of them speaks for all. */
function stopsAll(subject: Subject): Finding {
  const findings = subject.drill.edges.map((watched) => stops(subject, watched, 'control'));
  const worst =
    findings.find(({ outcome }) => outcome === 'fail') ?? findings.find(({ outcome }) => outcome === 'inconclusive');
  const [first] = findings;
  if (first === undefined) return inconclusive('it has no edges');
  return worst ?? { ...first, events: sum(findings, ({ events }) => events) };
}

function again(subject: Subject): Finding {
  const [first, second] = [useOf(subject, 'engaged'), useOf(subject, 'again')];
  if (first?.state === undefined) return inconclusive(`it could not be engaged: ${first?.error ?? 'it was not asked'}`);
  if (second === undefined) return inconclusive('it was not used a second time');
  const evidence = figures({ first: first.state, second: second.state, error: second.error });
  if (second.error !== undefined) {
    return {
      outcome: 'fail',
      reason: `the second use failed: ${second.error}`,
      measured: 'an error',
      events: 2,
      evidence,
    };
  }
  const same = first.state === second.state;
  return {
    outcome: same ? 'pass' : 'fail',
    reason: same
      ? 'it read the same before and after it'
      : `it read ${first.state} before and ${second.state} after it`,
    measured: same ? 'the same state' : 'another state',
    events: 2,
    evidence,
  };
}

function releases(subject: Subject): Finding {
  const { drill, observations } = subject;
  const use = useOf(subject, 'released');
  if (use === undefined) return inconclusive('it was not released');
  const [before, released] = [stepOf(drill, 'before'), stepOf(drill, 'released')];
  const fromMs = use.askedMs + drill.within;
  const seconds = Math.max(0, released.endMs - fromMs) / 1_000;
  const rows = drill.edges.map((watched) => {
    const expected = callRate(watched, observations, before.startMs + MOVING_MS, before.endMs) * seconds;
    return { ...watched, expected, calls: callsOn(watched, observations, fromMs, released.endMs).length };
  });
  const result = {
    measured: rows.map(({ edge, calls, expected }) => `${edge}: ${calls} of about ${Math.round(expected)}`).join(', '),
    events: sum(rows, ({ calls }) => calls),
    evidence: figures({ askedMs: use.askedMs, withinMs: drill.within, error: use.error }),
  };
  if (use.error !== undefined) {
    const reason = `it could not be released: ${use.error}`;
    return useOf(subject, 'engaged')?.appliedMs === undefined
      ? inconclusive(reason, result)
      : { outcome: 'fail', reason, ...result };
  }
  const thin = rows.find(({ expected }) => expected < MIN_EXPECTED);
  if (thin !== undefined)
    return inconclusive(`only ${Math.round(thin.expected)} calls were to be expected on ${thin.edge}`, result);
  const gone = rows.filter(({ calls, expected }) => calls < poissonLower(BACK_SHARE * expected, FALSE_ALARM));
  if (gone.length === 0) return { outcome: 'pass', reason: 'the traffic came back after it was released', ...result };
  const text = gone
    .map(({ edge, calls, expected }) => `${edge} (${calls} of about ${Math.round(expected)})`)
    .join(', ');
  return { outcome: 'fail', reason: `the traffic did not come back on ${text}`, ...result };
}

const USES: Readonly<Record<KillSwitchUseRecord['use'], string>> = {
  engaged: 'engaged',
  again: 'engaged again',
  released: 'released',
  control: 'engaged with its way disturbed',
  restored: 'released',
};

/** What a report shows of it beside its checks. */
export function pictureKillSwitch(subject: Subject): ReleasePicture {
  const uses = seenBy(subject)?.records?.['kill-switch']?.uses ?? [];
  const rows = (['engaged', 'control'] as const).flatMap((step) => {
    const use = uses.find((one) => one.use === step);
    if (use === undefined) return [];
    return subject.drill.edges.map((watched) => {
      const { rate, late, lastAfterMs } = afterwards(subject, watched, step, use.askedMs);
      return [USES[step], watched.edge, perSecond(rate), milliseconds(lastAfterMs), String(late.length)];
    });
  });
  return {
    marks: uses.map(({ use, askedMs, error }) => ({
      atMs: askedMs,
      text: error === undefined ? USES[use] : `${USES[use]}: failed`,
    })),
    details:
      rows.length === 0
        ? []
        : [
            {
              kind: 'table',
              title: 'Calls to the candidate',
              columns: ['use', 'edge', 'before', 'last call after', 'calls too late'],
              rows,
            },
          ],
  };
}
