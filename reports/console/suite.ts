import { formatLength } from '../format/figures.ts';
import { MARKS, countOutcomes, withoutOutcome } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import type { Outcome } from '../model/verdict.ts';
import { OUTCOME_TONES, createPaint } from './paint.ts';
import { displayWidth, padEnd } from './width.ts';

export interface SuiteRow {
  readonly name: string;
  readonly outcome: Outcome;
  readonly summary: string;
  readonly reportPath: string;
  readonly durationMs: number;
}

/** The end of a run of several experiments: one line each, in the order they ran, with the report's path below. */
export function renderSuite(results: readonly SuiteRow[], { color }: { readonly color: boolean }): string {
  const paint = createPaint(color);
  const nameWidth = Math.max(0, ...results.map(({ name }) => displayWidth(plainText(name))));
  const lines = results.flatMap(({ name, outcome, summary, reportPath, durationMs }) => {
    const word = paint(padEnd(`${MARKS[outcome]} ${outcome}`, 14), OUTCOME_TONES[outcome], 'bold');
    const text = `${padEnd(plainText(name), nameWidth)}  ${plainText(withoutOutcome(summary, outcome))}`;
    return [
      `  ${word}  ${text}`,
      paint(`${' '.repeat(18)}${formatLength(durationMs)}  ${plainText(reportPath)}`, 'dim'),
    ];
  });
  const counts = countOutcomes(results.map(({ outcome }) => outcome));
  const head = `${results.length} ${results.length === 1 ? 'experiment' : 'experiments'}: ${results.length === 0 ? 'none ran' : counts}`;
  return ['', paint(head, 'bold'), ...lines].join('\n');
}
