import type { BrokenBudget, SweepAnswer } from '../../reports/model/sweep.ts';
import type { Check, Verdict } from '../../reports/model/verdict.ts';
import { brokenBudget, severityOf } from './severity.ts';

/** What one run says about its cell. */
export interface CellAnswer {
  readonly answer: Exclude<SweepAnswer, 'not-measured'>;
  /** One sentence. */
  readonly reason: string;
  /** Budgets that failed while the fault was in force. */
  readonly broken: readonly BrokenBudget[];
  readonly severity?: number;
  /** A budget failed, but the fault was not shown to be real (HRN-4): is it the fault, or chance? */
  readonly doubtful: boolean;
}

/**
 * A cell's answer from its run's verdict:
 *
 * - `steady-broken`: a budget of the steady phase failed, without any fault;
 * - `breaks`: a budget failed during the fault, or a service died, and the fault was real;
 * - `inconclusive`: something that would have to be known is not;
 * - `no-effect`: every budget held, but the fault was not shown to touch the traffic (HRN-4);
 * - `holds`: every budget held, and the fault was felt.
 */
export function answerOf(
  { checks, faults }: Pick<Verdict, 'checks' | 'faults'>,
  phases: { readonly steady: string; readonly fault: string },
): CellAnswer {
  const of = (phase: string) => checks.filter((check) => check.phase === phase);
  const steady = of(phases.steady).filter(failed);
  if (steady.length > 0) return answer('steady-broken', because(steady));

  const judged = of(phases.fault);
  const integrity = checks.filter(({ kind }) => kind === 'integrity');
  const effect = checks.find(({ kind }) => kind === 'fault-effect');
  const real = effect?.outcome === 'pass';
  const broken = [...judged, ...integrity].filter(failed);
  if (broken.length > 0) {
    const budgets = broken.map(brokenBudget);
    const severity = severityOf(budgets);
    const details = { broken: budgets, ...(severity === undefined ? {} : { severity }) };
    if (real) return { ...answer('breaks', because(broken)), ...details };
    const injected = faults.some(({ detail }) => !detail.endsWith('(not injected)'));
    const why = `${because(broken)}; but the fault was not shown to be real: ${effect?.reason ?? 'it was not looked at'}`;
    return { ...answer('inconclusive', why), ...details, doubtful: injected };
  }
  const unclear = [...judged, ...checks.filter(({ kind }) => kind === 'generator'), ...integrity].filter(
    ({ outcome }) => outcome !== 'pass',
  );
  if (unclear.length > 0 || judged.length === 0 || effect === undefined) {
    // Where the steady phase was in doubt, what comes after it may not have been reached: the doubt says why.
    const doubts = of(phases.steady).filter(({ outcome }) => outcome === 'inconclusive');
    const [first] = [...doubts, ...unclear];
    return answer('inconclusive', first === undefined ? 'nothing was judged' : because([first]));
  }
  return real ? answer('holds', `every budget held: ${effect.reason}`) : answer('no-effect', effect.reason);
}

/** Whether a cell is asked again at once. */
export function needsSecondTry({ answer: given }: CellAnswer): boolean {
  return given === 'inconclusive' || given === 'steady-broken';
}

/**
 * A cell's answer after the second try: that of the second, unless a budget broke both times. That is no chance, even where
 * the fault was not seen in the round trips: there was no fault in the steady phase, and it held.
 */
export function settle(first: CellAnswer, second: CellAnswer): CellAnswer {
  if (!second.doubtful || !first.doubtful) return second;
  const { severity, broken, reason } = second;
  return {
    ...answer('breaks', `broke twice: ${reason}`),
    broken,
    ...(severity === undefined ? {} : { severity }),
  };
}

function answer(given: CellAnswer['answer'], reason: string): CellAnswer {
  return { answer: given, reason, broken: [], doubtful: false };
}

function failed({ outcome }: Check): boolean {
  return outcome === 'fail';
}

function because(checks: readonly Check[]): string {
  return checks.map(({ title, reason }) => `${title}: ${reason}`).join('; ');
}
