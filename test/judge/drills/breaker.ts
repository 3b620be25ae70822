/** What a breaker is declared to do, and how it may fail to. The defects are those of the catalogue, and some more. */
export interface BreakerOptions {
  readonly threshold: number;
  readonly openTimeMs: number;
  readonly halfOpen: number;
  /** Half-open, the first failure opens it again (as in gobreaker), or all its probes are awaited (as in Resilience4j). */
  readonly decides: 'first' | 'all';
  readonly defect?: BreakerDefect | undefined;
}

export type BreakerDefect =
  | 'never-opens'
  /** It leaves the open state after a quarter of its time. */
  | 'eager'
  /** Half-open it lets every call through. */
  | 'stampede'
  /** Once open it lets no probe through. */
  | 'stuck'
  | 'trips-on-client-errors'
  /** Failures need not be in a row. */
  | 'counts-all'
  /** One failure before its threshold. */
  | 'opens-too-soon'
  /** A probe that was not answered keeps its place for ever. */
  | 'wedged'
  /** Open, it lets every tenth call through. */
  | 'leaks'
  /** After it closed it opens again by itself. */
  | 'reopens';

export type CallResult = 'ok' | 'client-error' | 'failed' | 'timed-out' | 'canceled';

/** A call that was let through: its result is told by `done`. */
export interface Permit {
  readonly generation: number;
}

export interface Breaker {
  /** Undefined: refused. */
  allow(nowMs: number): Permit | undefined;
  done(permit: Permit, result: CallResult, nowMs: number): void;
}

export function breaker({ threshold, openTimeMs, halfOpen, decides, defect }: BreakerOptions): Breaker {
  let state: 'closed' | 'open' | 'half-open' = 'closed';
  let [generation, failures, admitted, decided, failed, asked, closings] = [0, 0, 0, 0, 0, 0, 0];
  let openUntilMs = 0;
  let reopenMs = Number.POSITIVE_INFINITY;
  const needed = defect === 'opens-too-soon' ? threshold - 1 : threshold;
  const openMs = defect === 'eager' ? openTimeMs / 4 : defect === 'stuck' ? Number.POSITIVE_INFINITY : openTimeMs;

  const enter = (next: typeof state, nowMs: number): void => {
    state = next;
    generation += 1;
    failures = admitted = decided = failed = 0;
    if (next === 'open') openUntilMs = nowMs + openMs;
    if (next !== 'closed') return;
    closings += 1;
    if (defect === 'reopens') reopenMs = nowMs + 500;
  };
  return {
    allow(nowMs) {
      if (state === 'closed' && nowMs >= reopenMs && closings < 4) {
        reopenMs = Number.POSITIVE_INFINITY;
        enter('open', nowMs);
      }
      if (state === 'open') {
        asked += 1;
        if (defect === 'leaks' && asked % 10 === 0) return { generation: -1 };
        if (nowMs < openUntilMs) return undefined;
        enter('half-open', nowMs);
      }
      if (state === 'half-open') {
        if (defect !== 'stampede' && admitted >= halfOpen) return undefined;
        admitted += 1;
      }
      return { generation };
    },
    done(permit, result, nowMs) {
      if (permit.generation !== generation) return;
      if (result === 'canceled') {
        admitted -= 1;
        return;
      }
      if (defect === 'wedged' && result === 'timed-out' && state === 'half-open') return;
      const isFailure =
        result === 'failed' ||
        result === 'timed-out' ||
        (result === 'client-error' && defect === 'trips-on-client-errors');
      if (state === 'closed') {
        if (isFailure) failures += 1;
        else if (defect !== 'counts-all') failures = 0;
        if (failures >= needed && defect !== 'never-opens') enter('open', nowMs);
        return;
      }
      decided += 1;
      if (isFailure) failed += 1;
      if (failed > 0 && (decides === 'first' || decided >= halfOpen)) enter('open', nowMs);
      else if (decided >= halfOpen) enter('closed', nowMs);
    },
  };
}
