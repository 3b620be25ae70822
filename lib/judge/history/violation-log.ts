import type { HistoryCheck, Violation, Violations } from '../../observe/history/observation.ts';

/** How many of each are shown; all are in violations.ndjson. */
const SHOWN = 50;

/** Counts violations by check, keeps the first of each, and hands all of them on. */
export class ViolationLog {
  readonly #kept = new Map<HistoryCheck, { count: number; readonly first: Violation[] }>();
  readonly #onViolation: (violation: Violation) => void;

  constructor(onViolation: (violation: Violation) => void) {
    this.#onViolation = onViolation;
  }

  add(violation: Violation): void {
    const kept = this.#kept.get(violation.check) ?? { count: 0, first: [] };
    this.#kept.set(violation.check, kept);
    kept.count += 1;
    if (kept.first.length < SHOWN) kept.first.push(violation);
    this.#onViolation(violation);
  }

  of(check: HistoryCheck): Violations {
    return this.#kept.get(check) ?? { count: 0, first: [] };
  }
}
