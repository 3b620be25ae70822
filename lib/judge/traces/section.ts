import type { Check, Detail, DetailOf, Section } from '../../../reports/model/verdict.ts';
import type { DrawnTrace, RequestTrace } from '../../observe/traces/observation.ts';
import { RUN_FILES } from '../../run-folder.ts';
import { count, milliseconds } from '../words.ts';
import { logTrouble, mustLog } from './logs.ts';
import { formResults } from './malformed.ts';
import { type TracesSubject, canBeJudged, troubleOf } from './subject.ts';

const MOST_ROWS = 20;
const WHY: Readonly<Record<DrawnTrace['why'], string>> = {
  slow: 'the slowest request',
  failed: 'a request that failed',
  retried: 'a request with a retry',
  broken: 'a broken trace',
};

/** The report's part about traces and logs. */
export function drawSection(subject: TracesSubject, checks: readonly Check[]): Section {
  const { seen, requests } = subject;
  const { received, forwarded } = seen;
  const services = Object.entries(received.byService).map(([service, spans]) => `${service} ${spans}`);
  const sentences = [
    `${count(seen.requests.length, 'request')} sampled, ${requests.length} of them judged; ${count(received.spans, 'span')}${services.length === 0 ? '' : ` (${services.join(', ')})`}.`,
    ...(seen.settled
      ? []
      : ['Spans still came when the wait for late ones was over: the last requests are not judged.']),
    ...(received.invalid + received.unreadable === 0
      ? []
      : [`${received.invalid} spans had no valid id, ${received.unreadable} exports could not be read.`]),
    ...(forwarded === undefined
      ? []
      : [`Passed on: ${forwarded.sent} exports, ${forwarded.failed} in vain, ${forwarded.dropped} dropped.`]),
  ];
  return {
    id: 'traces',
    title: 'Traces and logs',
    note: sentences.join(' '),
    checks: checks.filter(({ kind }) => kind === 'traces' || kind === 'logs').map(({ id }) => id),
    details: [...seen.drawn.map(drawn), ...offending(subject), ...strays(subject), ...contexts(subject)],
  };
}

function drawn({ why, traceId, title, spans, more }: DrawnTrace): DetailOf<'trace'> {
  return {
    kind: 'trace',
    title: `${WHY[why]}: ${title}${more === 0 ? '' : ` (${count(more, 'span')} more)`}`,
    traceId,
    spans: spans.map(({ note, ...span }) => ({ ...span, ...(note === undefined ? {} : { note }) })),
  };
}

function offending(subject: TracesSubject): readonly Detail[] {
  const { requests, traces } = subject;
  const services = traces.logs?.services ?? [];
  const bad = requests.flatMap((request): readonly [RequestTrace, readonly string[]][] => {
    const trouble = [
      ...(canBeJudged(request) ? troubleOf(subject, request) : []),
      ...services.flatMap((service) => (mustLog(request, service) ? (logTrouble(request, service) ?? []) : [])),
    ];
    return trouble.length === 0 ? [] : [[request, trouble]];
  });
  if (bad.length === 0) return [];
  return [
    {
      kind: 'table',
      title: 'requests whose trace or log is not whole',
      columns: ['trace', 'at', 'operation', 'answer', 'what is missing'],
      rows: bad
        .slice(0, MOST_ROWS)
        .map(([{ traceId, startMs, operation, protocol, status }, trouble]) => [
          traceId,
          milliseconds(startMs),
          `${operation} over ${protocol}`,
          status,
          trouble.join('; '),
        ]),
      ...(bad.length <= MOST_ROWS ? {} : { more: { rows: bad.length - MOST_ROWS, file: RUN_FILES.traces } }),
    },
  ];
}

function strays({ seen }: TracesSubject): readonly Detail[] {
  if (seen.strays.length === 0) return [];
  return [
    {
      kind: 'table',
      title: 'traces that services began themselves',
      columns: ['service', 'first span', 'kind', 'traces'],
      rows: seen.strays.map(({ service, name, kind, traces }) => [service, name, kind, String(traces)]),
    },
  ];
}

function contexts({ seen, traces }: TracesSubject): readonly Detail[] {
  if (seen.malformed.length === 0) return [];
  return [
    {
      kind: 'table',
      title: 'requests by their traceparent',
      columns: ['request', 'traceparent', 'sent', 'answers', 'traced', 'taken over by'],
      rows: formResults(seen.malformed).map(({ request, form, probes, answers, traced, taken }) => [
        nameOf(traces.malformed[request]),
        form,
        String(probes.length),
        answers.join(', '),
        String(traced),
        taken.length === 0 ? '–' : taken.join(', '),
      ]),
    },
  ];
}

function nameOf(spec: TracesSubject['traces']['malformed'][number] | undefined): string {
  if (spec === undefined) return '';
  return 'http' in spec ? `${spec.http.method} ${spec.http.url.replaceAll(/^\w+:\/\/[^/]*/g, '')}` : spec.grpc.method;
}
