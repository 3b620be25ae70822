import type { Check } from '../../../reports/model/verdict.ts';
import { type BoundaryCalls, NO_TOKEN, VALID } from '../../../chaos/drills/boundary.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import { isAnswer } from '../../../chaos/drills/is-answer.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { sum } from '../tally.ts';
import { count } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type BoundaryDrill = ReleaseDrill<Drill<'boundary'>>;
type Endpoint = Drill<'boundary'>['endpoints'][number];

/** The caller is told that it is not who may call. */
const REFUSED = /^(HTTP 40[13]|UNAUTHENTICATED|PERMISSION_DENIED)$/;
/** Whoever could not do it, or was not there: whether the call would have been let in cannot be told. */
const UNKNOWN = /^(HTTP (408|429|5\d\d)|UNAVAILABLE|DEADLINE_EXCEEDED|RESOURCE_EXHAUSTED|INTERNAL|UNKNOWN|CANCELLED)$/;

type Answered = 'refused' | 'unknown' | 'let-in';

/** SEC-1: one check for each endpoint. */
export function judgeBoundary(subject: BoundaryDrill): readonly Check[] {
  const { endpoints, down } = subject.drill;
  return endpoints.map((endpoint) =>
    releaseCheck(
      subject,
      {
        id: endpoint.name,
        catalogue: 'SEC-1',
        title: `${endpoint.name} refuses whoever has no good token`,
        limit: `UNAUTHENTICATED or PERMISSION_DENIED (401, 403)${down.length > 0 ? `, also while ${down.join(', ')} are down` : ''}`,
      },
      () => refuses(subject, endpoint),
    ),
  );
}

function refuses(subject: BoundaryDrill, endpoint: Endpoint): Finding {
  const { drill } = subject;
  const calls = callsOf(subject, endpoint);
  const bad = calls.filter(({ token }) => token !== VALID);
  const [letIn, unknown] = [countOf(bad, 'let-in'), countOf(bad, 'unknown')];
  const tried = sum(bad, total);
  const open = bad.filter((one) => countOf([one], 'let-in') > 0);
  const result = {
    measured: `${letIn} of ${tried} let in`,
    events: tried,
    evidence: figures({
      tried,
      letIn,
      unanswered: unknown,
      tokens: open.length === 0 ? undefined : [...new Set(open.map(({ token }) => token))].join(', '),
      steps: open.length === 0 ? undefined : [...new Set(open.map(({ step }) => step))].join(', '),
      validLetIn: countOf(
        calls.filter(({ token }) => token === VALID),
        'let-in',
      ),
    }),
  };
  const texts = open.map(({ token, step, statuses }) => `${token} ${step} (${Object.keys(statuses).join(', ')})`);
  const reason = `let in: ${texts.join('; ')}`;
  if (open.some(({ statuses }) => Object.keys(statuses).some(isSuccess))) return { outcome: 'fail', reason, ...result };
  const useless = whereValidFails(drill, calls);
  if (useless !== undefined) {
    const hint = 'check the address, the request and the `valid` token: where everything is refused, nothing is learnt';
    return inconclusive(useless, { ...result, hint });
  }
  // Past who may call, and refused for something else, as a good one is not.
  if (open.length > 0) return { outcome: 'fail', reason, ...result };
  const missing = missingOf(drill, endpoint, bad);
  if (missing !== undefined) return inconclusive(missing, result);
  return { outcome: 'pass', reason: `${count(tried, 'call')} without a good token, all refused`, ...result };
}

/**
 * A good token must be let in, and what comes of it must be a success, where nothing is broken. While something is, it must not be
 * called a bad one.
 */
function whereValidFails({ steps }: Drill<'boundary'>, calls: readonly BoundaryCalls[]): string | undefined {
  for (const { step } of steps) {
    const valid = calls.filter((call) => call.token === VALID && call.step === step);
    if (sum(valid, total) === 0) return `no call with a good token was made (${step})`;
    const statuses = [...new Set(valid.flatMap((call) => Object.keys(call.statuses)))];
    const well = statuses.filter((status) => (step === 'during' ? answered(status) !== 'refused' : isSuccess(status)));
    if (well.length === 0) return `a good token did not work ${step} (${statuses.join(', ')})`;
  }
  return undefined;
}

function missingOf(
  { steps, tokens }: Drill<'boundary'>,
  endpoint: Endpoint,
  bad: readonly BoundaryCalls[],
): string | undefined {
  const named = [NO_TOKEN, ...Object.keys(tokens[endpoint.caller]?.refused ?? {})];
  for (const { step } of steps) {
    for (const token of named) {
      const made = bad.filter((call) => call.step === step && call.token === token);
      if (countOf(made, 'refused') > 0) continue;
      const statuses = made.flatMap((call) => Object.keys(call.statuses));
      return `${token} ${step}: ${statuses.length === 0 ? 'not tried' : `neither refused nor let in (${statuses.join(', ')})`}`;
    }
  }
  return undefined;
}

function callsOf(subject: BoundaryDrill, { name }: Endpoint): readonly BoundaryCalls[] {
  return (seenBy(subject)?.records?.boundary?.calls ?? []).filter(({ endpoint }) => endpoint === name);
}

function answered(status: string): Answered {
  if (REFUSED.test(status)) return 'refused';
  return UNKNOWN.test(status) || !isAnswer(status) ? 'unknown' : 'let-in';
}

function isSuccess(status: string): boolean {
  return status === 'OK' || status.startsWith('HTTP 2');
}

function countOf(calls: readonly BoundaryCalls[], which: Answered): number {
  return sum(calls, ({ statuses }) =>
    sum(Object.entries(statuses), ([status, times]) => (answered(status) === which ? times : 0)),
  );
}

function total({ statuses }: BoundaryCalls): number {
  return sum(Object.values(statuses), (times) => times);
}

/** What a report shows of it beside its checks: what each endpoint answered to each token. */
export function pictureBoundary(subject: BoundaryDrill): ReleasePicture {
  const { drill } = subject;
  const rows = drill.endpoints.flatMap((endpoint) => {
    const calls = callsOf(subject, endpoint);
    return [VALID, NO_TOKEN, ...Object.keys(drill.tokens[endpoint.caller]?.refused ?? {})].map((token) => [
      endpoint.name,
      token,
      ...drill.steps.map(({ step }) => {
        const made = calls.filter((call) => call.token === token && call.step === step);
        const statuses = made.flatMap((call) =>
          Object.entries(call.statuses).map(([status, times]) => `${times} × ${status}`),
        );
        return statuses.length === 0 ? '–' : statuses.join(', ');
      }),
    ]);
  });
  const columns = ['endpoint', 'token', ...drill.steps.map(({ step }) => step)];
  return { marks: [], details: [{ kind: 'table', title: 'Answers by token', columns, rows }] };
}
