import { formatFigure, formatLength, lengthMs } from '../format/figures.ts';
import { MARKS, bySeverity, countOutcomes, nameOf, withoutOutcome } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import type { Check, Verdict } from '../model/verdict.ts';
import { OUTCOME_TONES, type Paint, createPaint } from './paint.ts';
import { comparisonLines } from './comparison.ts';
import { drillLines } from './drills.ts';
import { INDENT, indented, roomOf } from './lines.ts';
import { type Column, fitColumns, layOut } from './table.ts';
import { wrap } from './width.ts';

export interface ConsoleOptions {
  readonly color: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

const COLUMNS: readonly Column[] = [
  { head: '', minimum: 14 },
  { head: 'check', minimum: 14 },
  { head: 'limit', minimum: 8 },
  { head: 'measured', minimum: 8 },
  { head: 'events', align: 'right', minimum: 6 },
];

/** The verdict for a terminal: what came of it, every check with the worst first, and why those that did not hold did not. */
export function renderConsole(verdict: Verdict, { color, width }: ConsoleOptions): string {
  const paint = createPaint(color);
  const room = roomOf(width);
  const { outcome, stoppedEarly, experiment } = verdict;
  const tone = OUTCOME_TONES[outcome];
  const checks = bySeverity(verdict.checks);
  const counts = countOutcomes(checks.map((check) => check.outcome));
  const lines = [
    `${paint(`${MARKS[outcome]} ${outcome.toUpperCase()}`, tone, 'bold')}  ${paint(plainText(experiment.name), 'bold')}`,
    ...indented(wrap(plainText(withoutOutcome(verdict.summary, outcome)), room)),
    ...(stoppedEarly === undefined
      ? []
      : indented(wrap(`stopped early: ${plainText(stoppedEarly)}`, room)).map((line) => paint(line, 'yellow'))),
    paint(`${INDENT}${counts}, ${formatLength(lengthMs(verdict.run))}, seed ${verdict.run.seed}`, 'dim'),
  ];
  return [
    ...lines,
    ...(checks.length === 0 ? [] : ['', ...checksTable(checks, room, paint)]),
    ...(verdict.drills.length === 0 ? [] : ['', ...drillLines(verdict, room, paint)]),
    ...(verdict.comparison === undefined ? [] : ['', ...comparisonLines(verdict.comparison, room, paint)]),
  ].join('\n');
}

function checksTable(checks: readonly Check[], room: number, paint: Paint): string[] {
  const rows = checks.map(toCells);
  const widths = fitColumns(COLUMNS, rows, room);
  const head = layOut(
    COLUMNS.map((column) => column.head),
    COLUMNS,
    widths,
  ).map((line) => paint(line, 'dim'));
  const body = checks.flatMap((check, index) => {
    const tone = OUTCOME_TONES[check.outcome];
    const cells = rows[index] ?? [];
    const row = layOut(cells, COLUMNS, widths, (text, column) => (column === 0 ? paint(text, tone) : text));
    return check.outcome === 'pass' ? row : [...row, ...explanation(check, widths[0] ?? 0, room, paint)];
  });
  return indented([...head, ...body]);
}

function toCells(check: Check): string[] {
  const { outcome, limit, measured, events } = check;
  return [
    `${MARKS[outcome]} ${outcome}`,
    plainText(nameOf(check)),
    plainText(limit),
    plainText(measured),
    formatFigure(events, 'count'),
  ];
}

/** Below its row, in line with the titles: why, and what to do about it. */
function explanation({ reason, hint }: Check, firstColumn: number, room: number, paint: Paint): string[] {
  const margin = ' '.repeat(firstColumn + 2);
  const hanging = (label: string, text: string): string[] =>
    wrap(plainText(text), room - margin.length - label.length).map(
      (line, index) => `${margin}${paint(index === 0 ? label : ' '.repeat(label.length), 'dim')}${line}`,
    );
  return [...hanging('why:  ', reason), ...(hint === undefined ? [] : hanging('hint: ', hint))];
}
