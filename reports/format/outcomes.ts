import type { Check, Outcome } from '../model/verdict.ts';

/** Mark and word always stand together, so that an outcome reads without colour. */
export const MARKS: Readonly<Record<Outcome, string>> = { fail: '✗', inconclusive: '?', pass: '✓' };

/** The worst first. */
export const SEVERITY: readonly Outcome[] = ['fail', 'inconclusive', 'pass'];

const COUNTED: Readonly<Record<Outcome, string>> = {
  fail: 'failed',
  inconclusive: 'inconclusive',
  pass: 'passed',
};

/** Failed checks first, then the inconclusive ones, then the rest; otherwise in the verdict's order. */
export function bySeverity(checks: readonly Check[]): Check[] {
  return checks.toSorted((a, b) => SEVERITY.indexOf(a.outcome) - SEVERITY.indexOf(b.outcome));
}

/** "2 failed, 1 inconclusive, 9 passed"; "no checks". */
export function countOutcomes(outcomes: readonly Outcome[]): string {
  const parts = SEVERITY.map((outcome) => [outcome, outcomes.filter((one) => one === outcome).length] as const);
  const text = parts.filter(([, amount]) => amount > 0).map(([outcome, amount]) => `${amount} ${COUNTED[outcome]}`);
  return text.length === 0 ? 'no checks' : text.join(', ');
}

/** A verdict's sentence without the outcome's word in front, for places where the word stands already. */
export function withoutOutcome(summary: string, outcome: Outcome): string {
  return summary.startsWith(`${outcome}: `) ? summary.slice(outcome.length + 2) : summary;
}

/** "the load generator was healthy (GEN-1)": a check's title with its name in the catalogue. */
export function nameOf({ title, catalogue }: Pick<Check, 'title' | 'catalogue'>): string {
  return catalogue === undefined ? title : `${title} (${catalogue})`;
}

/** "quote over grpc in steady": what a check is about, as far as it says. */
export function subjectOf(check: Check): string {
  const { phase } = check;
  return [operationOf(check), phase === undefined ? '' : `in ${phase}`].filter((part) => part !== '').join(' ');
}

/** "quote over grpc", "all operations", a service's name, an edge's ("orders-pricing over grpc"), or "". */
export function operationOf({
  operation,
  protocol,
  service,
  edge,
}: Pick<Check, 'operation' | 'protocol' | 'service' | 'edge'>): string {
  if (operation === undefined && edge === undefined) return service ?? '';
  const name = operation === '*' ? 'all operations' : (operation ?? edge ?? '');
  return protocol === undefined ? name : `${name} over ${protocol}`;
}
