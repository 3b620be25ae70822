import type { Check } from '../../../reports/model/verdict.ts';
import { type Drill, stepOf } from '../../../chaos/drills/drill.ts';
import type { CounterValue } from '../../../chaos/drills/shadow.ts';
import type { Second } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { judgeLatencyRise } from '../latency-rise.ts';
import { sum, tallyPhase } from '../tally.ts';
import { count, exactMilliseconds, percent, quantileName } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type ShadowDrill = ReleaseDrill<Drill<'shadow'>>;

/** PAR-2: no effect on what the shadow stores, and none on how fast the primary answers, step by step. */
export function judgeShadow(subject: ShadowDrill): readonly Check[] {
  const { latency, dead } = subject.drill;
  const name = `${quantileName(latency.quantile)} of ${latency.operations.join(', ')}`;
  const limit = `${name} ≤ ${percent(latency.atMost)} of what it is without + ${exactMilliseconds(latency.slack)}`;
  const steps = ['shadow', ...(dead?.by ?? [])];
  return [
    releaseCheck(
      subject,
      {
        id: 'effects',
        catalogue: 'PAR-2',
        title: 'a shadow has no effect',
        limit: `${subject.drill.effects.metric} does not move, whatever is written`,
        // What a dead shadow does is the latency's matter: an edge that was not cut leaves this as it is.
        steps: ['off', 'shadow', 'after'],
      },
      () => hasNoEffect(subject),
    ),
    ...steps.map((step) =>
      releaseCheck(
        subject,
        {
          id: `latency-${step}`,
          catalogue: 'PAR-2',
          title: step === 'shadow' ? 'a shadow costs no time' : `a dead shadow (${step}) costs no time`,
          limit,
          steps: ['off', step],
        },
        () => notShadowed(subject, step) ?? costsNoTime(subject, step),
      ),
    ),
  ];
}

function hasNoEffect(subject: ShadowDrill): Finding {
  const { drill, observations } = subject;
  const { effects = [], problem } = seenBy(subject)?.records?.shadow ?? {};
  const { startMs } = stepOf(drill, 'shadow');
  const before = effects.findLast(({ atMs }) => atMs < startMs);
  const after = effects.filter(({ atMs }) => atMs >= startMs);
  if (before === undefined || after.length === 0) {
    return inconclusive(
      `${drill.effects.metric} was not read before and after${problem === undefined ? '' : `: ${problem}`}`,
      {
        hint: 'check the `url` of `effects`',
      },
    );
  }
  const ofBefore = effects.filter(({ atMs }) => atMs < startMs);
  const [rise, riseWithout] = [riseOf([before, ...after]), riseOf(ofBefore)];
  const phases = drill.steps.filter(({ step }) => step !== 'off' && step !== 'after').map(({ phase }) => phase);
  const writes = sum(phases, (phase) =>
    sum(drill.writes.operations, (operation) => tallyPhase(observations.seconds, phase, { operation }).succeeded.count),
  );
  const result = {
    measured: `${rise} effects of ${count(writes, 'write')}`,
    events: writes,
    evidence: figures({ effects: rise, effectsWithoutShadow: riseWithout, writes, writesNeeded: drill.writes.atLeast }),
  };
  const missing = notShadowed(subject, 'shadow');
  if (missing !== undefined) return { ...missing, ...result };
  if (riseWithout > 0) {
    const reason = `${drill.effects.metric} rose by ${riseWithout} without any shadow traffic: what moves it then cannot be told from a shadow`;
    return inconclusive(reason, { ...result, hint: 'choose `labels`, or a counter, that only this traffic moves' });
  }
  if (rise > 0) {
    const reason = `${drill.effects.metric} rose by ${rise} while traffic was only shadowed (${count(writes, 'write')})`;
    return { outcome: 'fail', reason, ...result };
  }
  if (writes < drill.writes.atLeast) {
    const reason = `only ${count(writes, 'write')} could have had an effect, at least ${drill.writes.atLeast} are needed`;
    return inconclusive(reason, { ...result, hint: 'raise the load of `writes.operations`, or the time' });
  }
  const reason = `${count(writes, 'write')} while traffic was shadowed, and ${drill.effects.metric} did not move`;
  return { outcome: 'pass', reason, ...result };
}

/** Too little was shadowed in the step, so that nothing was tried. */
function notShadowed(subject: ShadowDrill, step: string): Finding | undefined {
  const { drill } = subject;
  const { shadowed = [], problem } = seenBy(subject)?.records?.shadow ?? {};
  const { startMs, endMs } = stepOf(drill, step);
  const before = shadowed.findLast(({ atMs }) => atMs < startMs);
  const during = shadowed.filter(({ atMs }) => atMs >= startMs && atMs < endMs);
  const { metric, atLeast } = drill.shadowed;
  if (before === undefined || during.length === 0) {
    return inconclusive(
      `${metric} was not read before the step and in it${problem === undefined ? '' : `: ${problem}`}`,
      {
        hint: 'check the `url` of `shadowed`',
      },
    );
  }
  const rise = riseOf([before, ...during]);
  return rise >= atLeast
    ? undefined
    : inconclusive(`only ${rise} requests were shadowed, at least ${atLeast} are needed`, {
        evidence: figures({ shadowed: rise, shadowedNeeded: atLeast }),
        hint: 'check that the switch shadows what the load does, raise the load, or the time',
      });
}

function costsNoTime({ drill, plan, observations }: ShadowDrill, step: string): Finding {
  const { operations, protocol, quantile, atMost, slack } = drill.latency;
  const seconds = observations.seconds.map((second): Second => ({
    ...second,
    operations: second.operations.filter(({ operation }) => operations.includes(operation)),
  }));
  const budget = {
    kind: 'latency-rise',
    operation: '*',
    protocol,
    phase: stepOf(drill, step).phase,
    against: stepOf(drill, 'off').phase,
    quantile,
    atMost,
    slack,
    hops: 1,
    minEvents: 100,
  } as const;
  const { outcome, reason, measured, events, evidence, hint } = judgeLatencyRise('', budget, plan, seconds);
  return { outcome, reason: `${operations.join(', ')}: ${reason}`, measured, events, evidence, ...(hint && { hint }) };
}

/** As in Prometheus' `increase`: a fall is a restart from 0. */
function riseOf(samples: readonly CounterValue[]): number {
  return samples.reduce((rise, { value }, index) => {
    const previous = samples[index - 1]?.value ?? value;
    return rise + (value >= previous ? value - previous : value);
  }, 0);
}

/** What a report shows of it beside its checks: the two counters at the ends of its steps. */
export function pictureShadow(subject: ShadowDrill): ReleasePicture {
  const { drill } = subject;
  const { effects = [], shadowed = [] } = seenBy(subject)?.records?.shadow ?? {};
  const at = (samples: readonly CounterValue[], endMs: number) =>
    String(samples.findLast(({ atMs }) => atMs < endMs)?.value ?? '–');
  const rows = drill.steps.map(({ step, endMs }) => [step, at(shadowed, endMs), at(effects, endMs)]);
  const columns = ['at the end of', drill.shadowed.metric, drill.effects.metric];
  return { marks: [], details: [{ kind: 'table', title: 'What reached the shadow', columns, rows }] };
}
