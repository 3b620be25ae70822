import type { Exported } from './export.ts';
import type { ReceivedSpans } from './observation.ts';
import { type Span, toSpan } from './span.ts';

/** Some 60 MB. */
const MOST_SPANS = 200_000;
/** Names and services repeat: those kept are the same text. More different ones than this are not looked up. */
const MOST_TEXTS = 10_000;

/** The spans of a run by trace, each once however often it was sent, and no more than fit. */
export interface SpanStore {
  add(exported: Exported): void;
  /** Spans of a trace in the order in which they came. */
  of(traceId: string): readonly Span[];
  traces(): Iterable<readonly Span[]>;
  readonly received: () => Omit<ReceivedSpans, 'unreadable'>;
}

export function spanStore(mostSpans = MOST_SPANS): SpanStore {
  const traces = new Map<string, Map<string, Span>>();
  const texts = new Map<string, string>();
  const byService = new Map<string, number>();
  let [spans, duplicates, invalid, dropped, kept] = [0, 0, 0, 0, 0];

  const shared = (text: string): string => {
    const found = texts.get(text);
    if (found === undefined && texts.size < MOST_TEXTS) texts.set(text, text);
    return found ?? text;
  };

  function addSpan(span: Span | undefined): void {
    spans += 1;
    if (span === undefined) return void (invalid += 1);
    byService.set(span.service, (byService.get(span.service) ?? 0) + 1);
    const trace = traces.get(span.traceId);
    if (trace?.has(span.spanId) === true) return void (duplicates += 1);
    if (kept >= mostSpans) return void (dropped += 1);
    kept += 1;
    if (trace === undefined) traces.set(span.traceId, new Map([[span.spanId, span]]));
    else trace.set(span.spanId, span);
  }

  return {
    add(exported) {
      for (const { resource, spans: of } of exported) {
        const service = shared(String(resource.get('service.name') ?? 'unknown_service'));
        for (const span of of) addSpan(toSpan(service, { ...span, name: shared(span.name) }));
      }
    },
    of: (traceId) => [...(traces.get(traceId)?.values() ?? [])],
    *traces() {
      for (const trace of traces.values()) yield [...trace.values()];
    },
    received: () => ({ spans, duplicates, invalid, dropped, byService: Object.fromEntries(byService) }),
  };
}
