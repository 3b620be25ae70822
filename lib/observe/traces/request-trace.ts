import type { DrawnTrace, RequestTrace } from './observation.ts';
import type { SampledRequest } from './sampled.ts';
import type { Span } from './span.ts';
import { type TraceTree, buildTree } from './tree.ts';

/** So many of a kind are told of by name; a drawing has so many spans at most. */
const MOST_NAMES = 5;
const MOST_DRAWN = 60;

/** What is to be known of one request's trace. */
export function traceOf(request: SampledRequest, spans: readonly Span[]): { trace: RequestTrace; tree: TraceTree } {
  const { clientSpanId, ...told } = request;
  const tree = buildTree(spans, clientSpanId);
  const all = tree.placed.map(({ span }) => span);
  const trace: RequestTrace = {
    ...told,
    spans: all.length,
    services: distinct(all.map(({ service }) => service)),
    orphans: tree.orphans.slice(0, MOST_NAMES).map(nameOf),
    roots: tree.roots.slice(0, MOST_NAMES).map(nameOf),
    retried: tree.retried,
    failedIn: distinct(
      all.filter(({ kind, failure }) => kind === 'server' && failure !== undefined).map(({ service }) => service),
    ),
  };
  return { trace, tree };
}

/** A trace as a report draws it. */
export function drawTrace(why: DrawnTrace['why'], trace: RequestTrace, { placed }: TraceTree): DrawnTrace {
  const firstMs = Math.min(...placed.map(({ span }) => span.startMs));
  const took = Math.round(trace.endMs - trace.startMs);
  return {
    why,
    traceId: trace.traceId,
    title: `${trace.operation} over ${trace.protocol}: ${trace.status}, ${took} ms`,
    spans: placed.slice(0, MOST_DRAWN).map(({ span, depth, note }) => ({
      service: span.service,
      name: span.name,
      depth,
      startMs: wholeMicroseconds(span.startMs - firstMs),
      endMs: wholeMicroseconds(span.endMs - firstMs),
      status: span.failure ?? 'ok',
      ...(note === undefined ? {} : { note }),
    })),
    more: Math.max(0, placed.length - MOST_DRAWN),
  };
}

/** Numbers that stand for times since 1970 are not more exact. */
function wholeMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function nameOf({ service, name }: Span): string {
  return `${service} ${name}`;
}

function distinct(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
