import type { Check } from '../../../reports/model/verdict.ts';
import type { RequestTrace } from '../../observe/traces/observation.ts';
import { type Finding, inconclusive } from '../finding.ts';
import { safely } from '../safely.ts';
import { percent } from '../words.ts';
import { judgeShare } from './share.ts';
import type { TracesSubject } from './subject.ts';

/** LOG-1: a request that failed leaves a line with its trace's id and the declared fields, in each service in which it failed. */
export function judgeLogs(subject: TracesSubject): readonly Check[] {
  const { logs } = subject.traces;
  if (logs === undefined) return [];
  return logs.services.map((service) =>
    safely(
      {
        id: `logs:${service}`,
        title: `${service} logs each failed request with its trace`,
        kind: 'logs',
        catalogue: 'LOG-1',
        service,
        limit: `≥ ${percent(logs.atLeast)} with ${[logs.traceId, ...logs.fields].join(', ')}`,
      },
      () => finding(subject, service, logs),
    ),
  );
}

function finding(
  subject: TracesSubject,
  service: string,
  { atLeast, minRequests }: NonNullable<TracesSubject['traces']['logs']>,
): Finding {
  if (subject.seen.received.spans === 0)
    return inconclusive('no span came at all, by which one could tell where a request failed');
  const failed = subject.requests.filter((request) => mustLog(request, service));
  const bad = failed.filter((request) => logTrouble(request, service) !== undefined);
  return judgeShare({
    good: failed.length - bad.length,
    of: failed.length,
    atLeast,
    least: minRequests,
    noun: `request that failed in ${service}`,
    plural: `requests that failed in ${service}`,
    lacking: 'left no line with their trace',
    examples: bad.slice(0, 5).map((request) => `${request.traceId} ${logTrouble(request, service)}`),
    hint: 'have requests fail there: raise `logs.copies`, or give `logs.failing` ones that reach it',
  });
}

/** A request that its client was told has failed, and that failed in this service, by its server's span. */
export function mustLog({ outcome, failedIn }: RequestTrace, service: string): boolean {
  return outcome !== 'ok' && failedIn.includes(service);
}

/** What is wrong with a service's line about a request that failed in it; undefined: nothing. */
export function logTrouble({ logged }: RequestTrace, service: string): string | undefined {
  const lacking = logged?.[service];
  if (lacking === undefined) return `no line in ${service}`;
  return lacking.length === 0 ? undefined : `the line in ${service} has no ${lacking.join(', ')}`;
}
