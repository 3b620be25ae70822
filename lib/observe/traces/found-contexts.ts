import { NONE, VALID, spanOf, takenPrefix } from './context-forms.ts';
import type { ContextProbe } from './observation.ts';
import type { SentContext } from './send-probes.ts';
import type { Span } from './span.ts';
import type { SpanStore } from './span-store.ts';

/** Clocks of services and the harness's may differ by so much. */
const SKEW_MS = 50;

/**
 * What became of the requests that were sent with a traceparent of a certain form. Those with a valid one tell which span of
 * which service such a request begins with; a new trace is then one that begins with such a span, without a parent, in the
 * time in which the request was under way. Each such trace is taken for one request.
 */
export function findContexts(
  sent: readonly SentContext[],
  store: SpanStore,
  startEpochMs: number,
): { readonly probes: readonly ContextProbe[]; readonly fresh: ReadonlySet<string> } {
  const traces = [...store.traces()];
  const malformed = new Map(
    sent.filter(({ form }) => form !== VALID && form !== NONE).map((one) => [takenPrefix(one.traceId), one]),
  );
  const takenBy = new Map<SentContext, Span[]>();
  const roots: Span[] = [];
  for (const spans of traces) {
    const taken = malformed.get(takenPrefix(spans[0]?.traceId ?? ''));
    if (taken !== undefined) takenBy.set(taken, [...spans]);
    roots.push(...spans.filter(({ parentId, kind }) => parentId === undefined && kind !== 'client'));
  }
  const entries = Map.groupBy(
    sent.filter(({ form }) => form === VALID),
    ({ request }) => request,
  );
  const entryOf = (request: number): ReadonlySet<string> =>
    new Set(
      (entries.get(request) ?? []).flatMap(({ traceId }) =>
        store
          .of(traceId)
          .filter(({ parentId }) => parentId === spanOf(traceId))
          .map(nameOf),
      ),
    );
  const names = new Map([...entries.keys()].map((request) => [request, entryOf(request)]));
  const fresh = new Set<string>();
  const probes = sent.map((one): ContextProbe => {
    const { request, form, traceId, startMs, endMs, status, ok } = one;
    const [fromMs, toMs] = [startEpochMs + startMs - SKEW_MS, startEpochMs + endMs + SKEW_MS];
    const began = roots.find(
      (root) =>
        root.startMs >= fromMs &&
        root.startMs <= toMs &&
        names.get(request)?.has(nameOf(root)) === true &&
        !fresh.has(root.traceId),
    );
    if (form !== VALID && began !== undefined) fresh.add(began.traceId);
    const traced =
      form === VALID ? store.of(traceId).some(({ parentId }) => parentId === spanOf(traceId)) : began !== undefined;
    return {
      request,
      form,
      startMs,
      endMs,
      status,
      ok,
      taken: (takenBy.get(one) ?? []).map(({ service, name }) => `${service} ${name}`),
      traced,
    };
  });
  return { probes, fresh };
}

function nameOf({ service, name }: Span): string {
  return `${service}\n${name}`;
}
