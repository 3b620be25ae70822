import type { Check } from '../../../reports/model/verdict.ts';
import type { RequestTrace } from '../../observe/traces/observation.ts';
import { type Finding, inconclusive } from '../finding.ts';
import { safely } from '../safely.ts';
import { count, percent } from '../words.ts';
import { judgeShare } from './share.ts';
import { type TracesSubject, canBeJudged, expectedServices, troubleOf } from './subject.ts';

const SAMPLED = 'sampled request';

/** TRC-1: one connected trace for each sampled request; where the plan asks for it, also of those with a retry and of failures. */
export function judgeConnected(subject: TracesSubject): readonly Check[] {
  const { minRequests, minRetried, minFailed } = subject.traces;
  const judged = subject.requests.filter(canBeJudged);
  const all = check(subject, 'connected', 'each request is one connected trace', judged, minRequests, SAMPLED);
  const retried = judged.filter((request) => request.retried);
  const failed = judged.filter(({ outcome }) => outcome !== 'ok');
  return [
    all,
    ...(minRetried === 0
      ? []
      : [
          check(
            subject,
            'retried',
            'also with a retry',
            retried,
            minRetried,
            'request with a retry',
            'requests with a retry',
          ),
        ]),
    ...(minFailed === 0
      ? []
      : [check(subject, 'failed', 'also where it failed or was refused', failed, minFailed, 'failed request')]),
  ];
}

function check(
  subject: TracesSubject,
  id: string,
  title: string,
  requests: readonly RequestTrace[],
  least: number,
  noun: string,
  plural = `${noun}s`,
): Check {
  const { atLeast } = subject.traces;
  return safely(
    {
      id: `traces:${id}`,
      title: id === 'connected' ? title : `each request is one connected trace, ${title}`,
      kind: 'traces',
      catalogue: 'TRC-1',
      limit: `≥ ${percent(atLeast)} of at least ${count(least, noun, plural)}`,
    },
    () => finding(subject, requests, { least, noun, plural }),
  );
}

function finding(
  subject: TracesSubject,
  requests: readonly RequestTrace[],
  words: { readonly least: number; readonly noun: string; readonly plural: string },
): Finding {
  const { seen, traces } = subject;
  const { received } = seen;
  if (received.spans === 0) {
    return inconclusive('no span came at all', {
      hint: 'have the services export over OTLP to {{otlp.http}} or {{otlp.grpc}}',
    });
  }
  if (received.dropped > 0 || seen.dropped > 0) {
    return inconclusive(
      `there were more spans or requests than are kept (${received.dropped} and ${seen.dropped} more)`,
      { hint: 'lower `sample`' },
    );
  }
  if (seen.requests.every(({ source }) => source !== 'load')) {
    return inconclusive('the scenario told of no sampled request', {
      hint: 'send requests with the support library: httpOperation, grpcOperation',
    });
  }
  const bad = requests.filter((request) => troubleOf(subject, request).length > 0);
  const [stray] = seen.strays;
  const strays =
    stray === undefined ? '' : `; ${stray.service} began ${count(stray.traces, 'trace')} of its own (${stray.name})`;
  const made = judgeShare({
    good: requests.length - bad.length,
    of: requests.length,
    atLeast: traces.atLeast,
    ...words,
    lacking: 'are no connected trace',
    examples: bad.slice(0, 5).map((request) => `${request.traceId} ${troubleOf(subject, request).join(', ')}`),
    hint: words.noun === SAMPLED ? undefined : 'a fault must make some: let more of the calls fail, or longer',
    evidence: {
      expectedToReach: requests.filter((request) => expectedServices(subject, request).length > 0).length,
      unjudged: subject.requests.length - subject.requests.filter(canBeJudged).length,
      spans: received.spans,
      duplicates: received.duplicates,
    },
  });
  return made.outcome === 'fail' ? { ...made, reason: made.reason + strays } : made;
}
