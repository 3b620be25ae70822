import { join } from 'node:path';
import type { Plan } from '../../plan/plan.ts';
import type { TracesPlan } from '../../plan/schema/traces.ts';
import { RUN_FILES, consoleFileOf } from '../../run-folder.ts';
import { findContexts } from './found-contexts.ts';
import { readLogLines } from './log-lines.ts';
import type { DrawnTrace, RequestTrace, Stray, TracesObservation } from './observation.ts';
import { drawTrace, traceOf } from './request-trace.ts';
import { type SampledRequest, readSampled } from './sampled.ts';
import type { SentProbes } from './send-probes.ts';
import type { SpanStore } from './span-store.ts';
import { writeTraces } from './traces-file.ts';

const MOST_BROKEN_DRAWN = 3;
const MOST_STRAYS = 20;

export interface ObserveTraces {
  readonly plan: Plan & { readonly traces: TracesPlan };
  readonly folder: string;
  readonly startEpochMs: number;
  readonly store: SpanStore;
  readonly unreadable: number;
  readonly sent: SentProbes;
  readonly forwarded: TracesObservation['forwarded'];
  readonly settled: boolean;
}

/**
 * Puts together what the load told of its sampled requests, the spans that came, and the lines in the services' logs. Each
 * request's part goes into traces.ndjson, too.
 */
export async function observeTraces(options: ObserveTraces): Promise<TracesObservation> {
  const { plan, folder, startEpochMs, store, sent } = options;
  const told = await readSampled(join(folder, consoleFileOf(plan) ?? RUN_FILES.sampled), startEpochMs);
  const sampled = [...told.requests, ...sent.failing].toSorted((a, b) => a.startMs - b.startMs);
  const logs = await readLogs(options, sampled);
  const drawn: DrawnTrace[] = [];
  const draw = drawer(
    drawn,
    sampled.filter(({ traceId }) => store.of(traceId).length > 0),
  );
  const requests = sampled.map((request): RequestTrace => {
    const { trace, tree } = traceOf(request, store.of(request.traceId));
    draw(trace, tree);
    return request.outcome === 'ok' || plan.traces.logs === undefined
      ? trace
      : { ...trace, logged: logs(request.traceId) };
  });
  const { probes, fresh } = findContexts(sent.contexts, store, startEpochMs);
  await writeTraces(join(folder, RUN_FILES.traces), requests);
  const known = new Set([...sampled, ...sent.contexts].map(({ traceId }) => traceId));
  const { forwarded } = options;
  return {
    received: { ...store.received(), unreadable: options.unreadable },
    requests,
    dropped: told.dropped,
    settled: options.settled,
    drawn,
    strays: straysOf(store, known, fresh),
    malformed: probes,
    ...(forwarded === undefined ? {} : { forwarded }),
  };
}

/** Reads each service's log once, for the requests that failed. */
async function readLogs(
  { plan, folder }: ObserveTraces,
  sampled: readonly SampledRequest[],
): Promise<(traceId: string) => Readonly<Record<string, readonly string[]>>> {
  const { logs } = plan.traces;
  if (logs === undefined) return () => ({});
  const traceIds = new Set(sampled.filter(({ outcome }) => outcome !== 'ok').map(({ traceId }) => traceId));
  const read = await Promise.all(
    logs.services.map(async (service) => {
      const path = join(folder, 'logs', `${service}.log`);
      return [service, await readLogLines(path, { traceIds, field: logs.traceId, fields: logs.fields })] as const;
    }),
  );
  return (traceId) =>
    Object.fromEntries(
      read.flatMap(([service, lines]) => {
        const lacking = lines.get(traceId);
        return lacking === undefined ? [] : [[service, lacking] as const];
      }),
    );
}

/** Draws the slowest trace of a request that succeeded, one of a failure and one with a retry (the largest), and the first broken ones. */
function drawer(drawn: DrawnTrace[], sampled: readonly SampledRequest[]) {
  const slowest = sampled
    .filter(({ outcome }) => outcome === 'ok')
    .reduce<SampledRequest | undefined>((most, one) => (tookMs(one) > tookMs(most) ? one : most), undefined);
  const largest = new Map<DrawnTrace['why'], number>();
  return (trace: RequestTrace, tree: Parameters<typeof drawTrace>[2]): void => {
    const add = (why: DrawnTrace['why']): void => void drawn.push(drawTrace(why, trace, tree));
    const addLarger = (why: DrawnTrace['why']): void => {
      if (trace.spans <= (largest.get(why) ?? 0)) return;
      largest.set(why, trace.spans);
      const before = drawn.findIndex((other) => other.why === why);
      if (before >= 0) drawn.splice(before, 1);
      add(why);
    };
    if (trace.spans === 0) return;
    if (trace.traceId === slowest?.traceId) add('slow');
    if (trace.orphans.length + trace.roots.length > 0) {
      if (drawn.filter(({ why }) => why === 'broken').length < MOST_BROKEN_DRAWN) add('broken');
    } else if (trace.outcome !== 'ok') addLarger('failed');
    else if (trace.retried) addLarger('retried');
  };
}

function tookMs(request: SampledRequest | undefined): number {
  return request === undefined ? -1 : request.endMs - request.startMs;
}

/** Traces of their own that services began, by their first span: a client of the load or a drill began none of them. */
function straysOf(store: SpanStore, known: ReadonlySet<string>, fresh: ReadonlySet<string>): readonly Stray[] {
  const counts = new Map<string, { service: string; name: string; kind: string; traces: number }>();
  for (const spans of store.traces()) {
    const root = spans.find(({ parentId }) => parentId === undefined);
    if (root === undefined || known.has(root.traceId) || fresh.has(root.traceId)) continue;
    const { service, name, kind } = root;
    const key = `${service}\n${name}\n${kind}`;
    const found = counts.get(key) ?? { service, name, kind, traces: 0 };
    found.traces += 1;
    counts.set(key, found);
  }
  return [...counts.values()].toSorted((a, b) => b.traces - a.traces).slice(0, MOST_STRAYS);
}
