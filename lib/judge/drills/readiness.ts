import type { Check } from '../../../reports/model/verdict.ts';
import { boundMs } from '../../../chaos/drills/readiness.ts';
import { stepOf } from '../../../chaos/drills/drill.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { ProbeChange } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { exactMilliseconds, milliseconds } from '../words.ts';
import { type DrillOn, drillCheck, forceOf } from './subject.ts';

type ReadinessOn = DrillOn<Drill<'readiness'>>;

/** HLT-1 of one edge's caller. */
export function judgeReadiness(subject: ReadinessOn): readonly Check[] {
  const { drill, on } = subject;
  const bound = exactMilliseconds(boundMs(drill));
  const common = { catalogue: 'HLT-1', steps: ['before', 'lost'] };
  return [
    drillCheck(
      subject,
      {
        ...common,
        id: 'unready',
        title: `${on.service} says that it is not ready`,
        limit: `within ${bound}, and until it is back`,
      },
      () => unready(subject),
    ),
    drillCheck(
      subject,
      { ...common, id: 'live', title: `${on.service} stays live`, limit: 'live all the time, no restart' },
      () => live(subject),
    ),
    drillCheck(
      subject,
      {
        ...common,
        id: 'ready-again',
        title: `${on.service} is ready again`,
        limit: `within ${bound}`,
        steps: ['lost', 'back'],
      },
      () => readyAgain(subject),
    ),
  ];
}

function changesOf({ drill, on, observations }: ReadinessOn, probe: ProbeChange['probe']): readonly ProbeChange[] {
  const seen = observations.drills.find(({ drill: name }) => name === drill.name)?.probes ?? [];
  return seen.filter((change) => change.edge === on.edge && change.probe === probe);
}

/** What the probe said last at a time; undefined: it had not been asked. */
function at(changes: readonly ProbeChange[], atMs: number): boolean | undefined {
  return changes.findLast((change) => change.atMs <= atMs)?.up;
}

/**
 * When the dependency was lost, and when it was back. Each takes a moment until it is known to be so, in which a service
 * may notice: `…AtMs` is the earliest.
 */
function lossOf(subject: ReadinessOn) {
  const { startMs: lostAtMs, endMs: backAtMs } = stepOf(subject.drill, 'lost');
  const { fromMs: lostMs, toMs: backMs } = forceOf(subject, 'lost');
  return { lostAtMs, lostMs, backAtMs: Math.min(backAtMs, backMs), backMs };
}

function unready(subject: ReadinessOn): Finding {
  const { lostAtMs, lostMs, backAtMs } = lossOf(subject);
  const changes = changesOf(subject, 'ready');
  if (at(changes, lostAtMs) !== true) return inconclusive('it was not ready before the dependency was lost');
  const left = changes.find(({ atMs, up }) => !up && atMs > lostAtMs && atMs < backAtMs);
  const tookMs = left === undefined ? undefined : Math.max(0, left.atMs - lostMs);
  const back =
    left === undefined ? undefined : changes.find(({ atMs, up }) => up && atMs > left.atMs && atMs < backAtMs);
  const limitMs = boundMs(subject.drill);
  const result = {
    measured: tookMs === undefined ? 'ready all the time' : `after ${milliseconds(tookMs)}`,
    events: changes.length,
    evidence: figures({ tookMs, limitMs, backTooSoonMs: back === undefined ? undefined : back.atMs - lostMs }),
  };
  if (tookMs === undefined) return { outcome: 'fail', reason: 'it said that it was ready all the time', ...result };
  if (back !== undefined) {
    const reason = `it said that it was ready again ${milliseconds(backAtMs - back.atMs)} before the dependency was back`;
    return { outcome: 'fail', reason, ...result };
  }
  const reason = `not ready ${milliseconds(tookMs)} after the dependency was lost (${left?.detail ?? ''})`;
  return { outcome: tookMs <= limitMs ? 'pass' : 'fail', reason, ...result };
}

function live(subject: ReadinessOn): Finding {
  const { drill, on, observations } = subject;
  const { lostAtMs, lostMs, backMs } = lossOf(subject);
  const changes = changesOf(subject, 'live');
  if (at(changes, lostAtMs) !== true) return inconclusive('it was not live before the dependency was lost');
  const dead = changes.find(({ atMs, up }) => !up && atMs > lostAtMs && atMs < backMs);
  const deadAfterMs = dead === undefined ? undefined : Math.max(0, dead.atMs - lostMs);
  const { endMs } = stepOf(drill, 'back');
  const restart = observations.incidents.find(
    ({ source, atMs }) => source === on.service && atMs >= lostAtMs && atMs < endMs,
  );
  const result = {
    measured: deadAfterMs === undefined ? 'live all the time' : `not live after ${milliseconds(deadAfterMs)}`,
    events: changes.length,
    evidence: figures({ deadAfterMs, ended: restart !== undefined }),
  };
  if (restart !== undefined) return { outcome: 'fail', reason: restart.message, ...result };
  if (dead !== undefined) {
    const reason = `its liveness probe failed ${milliseconds(deadAfterMs ?? 0)} after the dependency was lost (${dead.detail}): an orchestrator would restart it`;
    return { outcome: 'fail', reason, ...result };
  }
  return { outcome: 'pass', reason: 'live all the time, and not restarted', ...result };
}

function readyAgain(subject: ReadinessOn): Finding {
  const { backAtMs, backMs } = lossOf(subject);
  const changes = changesOf(subject, 'ready');
  if (at(changes, backAtMs) !== false) return inconclusive('it was not unready when the dependency came back');
  const ready = changes.find(({ atMs, up }) => up && atMs >= backAtMs);
  const tookMs = ready === undefined ? undefined : Math.max(0, ready.atMs - backMs);
  const limitMs = boundMs(subject.drill);
  const result = {
    measured: tookMs === undefined ? 'never' : `after ${milliseconds(tookMs)}`,
    events: changes.length,
    evidence: figures({ tookMs, limitMs }),
  };
  if (tookMs === undefined)
    return { outcome: 'fail', reason: 'it was not ready again before the drill ended', ...result };
  const reason = `ready ${milliseconds(tookMs)} after the dependency was back`;
  return { outcome: tookMs <= limitMs ? 'pass' : 'fail', reason, ...result };
}
