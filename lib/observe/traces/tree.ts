import type { Span } from './span.ts';

/** A span in its tree's order: parents before their children, siblings by their start. */
export interface Placed {
  readonly span: Span;
  /** 0: below the client's span, or below none that was seen. */
  readonly depth: number;
  /** "retry 2", "orphan", "new root", and the span's events. */
  readonly note: string | undefined;
}

/** The spans of one trace, as a tree below the client's own span (which need not be exported). */
export interface TraceTree {
  readonly placed: readonly Placed[];
  /** Spans whose parent was never seen. */
  readonly orphans: readonly Span[];
  /** Spans without a parent: not the client's. */
  readonly roots: readonly Span[];
  readonly retried: boolean;
}

/**
 * Builds it from ids alone, so that clocks that differ between services change nothing but the order of siblings. Spans that
 * were sent twice count once. Spans that are each other's parents hang on nothing: the earliest of them is an orphan.
 */
export function buildTree(spans: readonly Span[], clientSpanId: string): TraceTree {
  const known = new Map<string, Span>();
  for (const span of spans) if (!known.has(span.spanId)) known.set(span.spanId, span);
  const children = Map.groupBy([...known.values()].toSorted(byStart), ({ parentId }) => parentId);
  const placed: Placed[] = [];
  const seen = new Set<string>();
  let retried = false;

  function place(first: readonly Span[], mark: string | undefined): void {
    // By hand and not by recursion: a chain may be as long as a trace.
    const stack = first.toReversed().map((span) => ({ span, depth: 0, mark }));
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { span, depth } = next;
      if (seen.has(span.spanId)) continue;
      seen.add(span.spanId);
      const notes = [next.mark, ...span.events].filter((note) => note !== undefined);
      placed.push({ span, depth, note: notes.length === 0 ? undefined : notes.join(', ') });
      const below = children.get(span.spanId) ?? [];
      const attempts = attemptsOf(below);
      retried ||= attempts.size > 0;
      for (const child of below.toReversed()) {
        const attempt = attempts.get(child.spanId);
        stack.push({ span: child, depth: depth + 1, mark: attempt === undefined ? undefined : `retry ${attempt - 1}` });
      }
    }
  }

  const own = known.get(clientSpanId);
  place(own === undefined ? (children.get(clientSpanId) ?? []) : [own], undefined);
  const roots = (children.get(undefined) ?? []).filter((span) => span !== own);
  place(roots, 'new root');
  const orphans = [...known.values()]
    .filter(({ parentId }) => parentId !== undefined && parentId !== clientSpanId && !known.has(parentId))
    .toSorted(byStart);
  place(orphans, 'orphan');
  for (const span of [...known.values()].toSorted(byStart)) {
    if (seen.has(span.spanId)) continue;
    orphans.push(span);
    place([span], 'orphan');
  }
  return { placed, orphans, roots, retried };
}

/**
 * Calls to the same thing that were made again after one had failed: by span, which attempt it was, from the second on.
 * `siblings` are by rising start.
 */
function attemptsOf(siblings: readonly Span[]): ReadonlyMap<string, number> {
  const attempts = new Map<string, number>();
  const calls = siblings.filter(({ kind }) => kind === 'client');
  for (const same of Map.groupBy(calls, ({ service, name }) => `${service}\n${name}`).values()) {
    let attempt = 1;
    for (const [index, call] of same.entries()) {
      const before = same[index - 1];
      attempt = before?.failure !== undefined && before.endMs <= call.startMs ? attempt + 1 : 1;
      if (attempt > 1) attempts.set(call.spanId, attempt);
    }
  }
  return attempts;
}

function byStart(a: Span, b: Span): number {
  return a.startMs - b.startMs;
}
