import type { Check } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { DrillRequest } from '../../observe/observations.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count } from '../words.ts';
import { type DrillOn, arrivals, drillCheck, forceOf } from './subject.ts';

type IdempotencyOn = DrillOn<Drill<'idempotency'>>;

/** IDM-1 of one edge: one check for each thing that a key must survive. */
export function judgeIdempotency(subject: IdempotencyOn): readonly Check[] {
  const { copies, restart, versions, steps } = subject.drill;
  const versionSteps = steps.map(({ step }) => step).filter((step) => step.startsWith('version-'));
  const check = (id: string, title: string, of: readonly string[], proof?: () => Finding | undefined) =>
    drillCheck(
      subject,
      { id, catalogue: 'IDM-1', title, limit: 'one effect, identical replies', steps: of },
      () => proof?.() ?? oneEffect(subject, of),
    );
  return [
    check('duplicates', `${copies} copies at once have one effect`, ['duplicates']),
    check('cut', 'a lost answer leaves one effect', ['cut'], () => wasCut(subject)),
    ...(restart.length > 0
      ? [check('restart', `a restart of ${restart.join(' and ')} leaves one effect`, ['restart'])]
      : []),
    ...(versions.length > 0 ? [check('versions', `${versions.length} versions leave one effect`, versionSteps)] : []),
  ];
}

/** Without a lost answer nothing was tried. */
function wasCut(subject: IdempotencyOn): Finding | undefined {
  const { fromMs, toMs } = forceOf(subject, 'cut');
  const cut = arrivals(subject, fromMs, toMs).filter(({ outcome }) => outcome === 'cut').length;
  return cut > 0
    ? undefined
    : inconclusive('no answer was lost: no call arrived on the edge', {
        hint: 'check that the write needs the edge (the traffic switch), and `calls`',
      });
}

function oneEffect({ drill, on, observations }: IdempotencyOn, steps: readonly string[]): Finding {
  const seen = (observations.drills.find(({ drill: name }) => name === drill.name)?.requests ?? []).filter(
    ({ edge, step }) => edge === on.edge && steps.includes(step),
  );
  const writes = seen.filter(({ role }) => role !== 'effects');
  const effects = seen.filter(({ role, ok, effects: number }) => role === 'effects' && ok && number !== undefined);
  const answered = writes.filter(({ ok }) => ok);
  // One that is refused like all others was wrong by itself: only beside an answer is it a key that does not hold.
  const refused = answered.length === 0 ? [] : writes.filter(({ ok, status }) => !ok && isRefusal(status));
  const replies = new Set(answered.map(({ body }) => body));
  const most = effects.reduce((worst, { effects: number = 0 }) => Math.max(worst, number), 0);
  const result = {
    measured: `${most} effects, ${replies.size} different replies to ${answered.length} writes`,
    events: writes.length,
    evidence: figures({
      writes: writes.length,
      answered: answered.length,
      refused: refused.length,
      differentReplies: replies.size,
      effects: effects.length === 0 ? undefined : most,
    }),
  };
  const missing = stepsWithout(steps, answered, effects);
  const wrong = [
    most > 1 ? `${most} effects of one key` : undefined,
    replies.size > 1 ? `${replies.size} different replies: ${[...replies].slice(0, 2).join(' and ')}` : undefined,
    refused.length > 0 ? `${count(refused.length, 'repeat')} refused (${refused[0]?.status})` : undefined,
    // Another version may not list what this one has stored: that nothing is lost is another check's matter.
    answered.length > 0 && effects.length > 0 && most === 0 ? 'an acknowledged write has no effect' : undefined,
  ].filter((text) => text !== undefined);
  if (wrong.length > 0) return { outcome: 'fail', reason: wrong.join('; '), ...result };
  if (missing !== undefined) return inconclusive(missing, result);
  const text = `${count(answered.length, 'write')} with one key: one effect, the same reply each time`;
  return { outcome: 'pass', reason: text, ...result };
}

function stepsWithout(
  steps: readonly string[],
  answered: readonly DrillRequest[],
  effects: readonly DrillRequest[],
): string | undefined {
  for (const step of steps) {
    const here = answered.filter((request) => request.step === step);
    // Across versions one write and one repeat stand in steps of their own.
    if (here.length === 0 || (steps.length === 1 && here.length < 2)) return `${step}: not enough writes were answered`;
    if (!effects.some((request) => request.step === step)) return `${step}: its effects could not be read`;
  }
  return undefined;
}

/** The callee understood and said no, for another reason than that it could not do it now. */
function isRefusal(status: string): boolean {
  return /^HTTP 4(?!0[18]|29)|^(INVALID_ARGUMENT|ALREADY_EXISTS|FAILED_PRECONDITION|NOT_FOUND|ABORTED)$/.test(status);
}
