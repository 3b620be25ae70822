import type { Second } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Budget } from '../../plan/schema/budgets.ts';
import { goodEvents } from '../good-events.ts';
import { sum, tallySecond } from '../tally.ts';
import { operationName, percent } from '../words.ts';

/** Without a budget of its own: 99.9 % of all requests are answered well. */
const DEFAULT_ALLOWED = 0.001;

/** What a steady budget reads in k6's own figures over some seconds. */
export interface ClientView {
  /** "all operations", "quote slower than 50 ms". */
  readonly what: string;
  /** Share of bad events that the budget allows. */
  readonly allowed: number;
  readonly total: number;
  /** At least and at most so many were bad: what a histogram can't tell lies in between. */
  readonly surely: number;
  readonly possibly: number;
}

/** The steady phase's error and latency budgets, as clients saw them in these seconds. */
export function seenByClients({ budgets, load }: Plan, seconds: readonly Second[]): readonly ClientView[] {
  const views = budgets.flatMap((budget) =>
    'phase' in budget && budget.phase === load.steady ? view(budget, seconds) : [],
  );
  return views.length > 0 ? views : [errorsView({ operation: '*' }, DEFAULT_ALLOWED, seconds)];
}

/** How many times more than allowed was surely bad. */
export function timesOver({ allowed, surely, total }: ClientView): number {
  if (total === 0 || surely === 0) return 0;
  return allowed === 0 ? Infinity : surely / total / allowed;
}

/** Whether the budget surely held. */
export function surelyHeld({ allowed, possibly, total }: ClientView): boolean {
  return possibly <= allowed * total;
}

/** The view in which most was bad for what is allowed. */
export function worstOf(views: readonly ClientView[]): ClientView | undefined {
  return views.toSorted((a, b) => timesOver(b) - timesOver(a))[0];
}

/** "12 of 240 of all operations failed (5 %)". */
export function viewText({ what, surely, possibly, total }: ClientView): string {
  const bad = surely === 0 ? possibly : surely;
  return `${bad} of ${total} ${what}${total === 0 ? '' : ` (${percent(bad / total)})`}`;
}

function view(budget: Budget, seconds: readonly Second[]): ClientView[] {
  if (budget.kind === 'errors') return [errorsView(budget, budget.atMost, seconds)];
  if (budget.kind !== 'latency') return [];
  const { under, atLeast } = budget;
  const tallies = seconds.map((second) => tallySecond(second, budget));
  const total = sum(tallies, (tally) => tally.total);
  const good = tallies.map((tally) => goodEvents(tally, under));
  return [
    {
      what: `of ${operationName(budget)} failed or were slower than ${under} ms`,
      allowed: Number((1 - atLeast).toPrecision(12)),
      total,
      surely: total - sum(good, ({ high }) => high),
      possibly: total - sum(good, ({ low }) => low),
    },
  ];
}

function errorsView(
  scope: { readonly operation: string; readonly protocol?: 'http' | 'grpc' | undefined },
  allowed: number,
  seconds: readonly Second[],
): ClientView {
  const tallies = seconds.map((second) => tallySecond(second, scope));
  const bad = sum(tallies, ({ failed, dropped, exceptions }) => failed.count + dropped + exceptions);
  const total = sum(tallies, (tally) => tally.total);
  return { what: `of ${operationName(scope)} failed`, allowed, total, surely: bad, possibly: bad };
}
