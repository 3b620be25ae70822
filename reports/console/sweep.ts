import { formatLength, lengthMs } from '../format/figures.ts';
import { MARKS } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import { ANSWERS, cellCounts, endingText, loadText, outcomeWord, severityText } from '../format/sweep.ts';
import type { SweepAnswer, SweepCell, SweepEdge, SweepReport, SweepRow } from '../model/sweep.ts';
import type { ConsoleOptions } from './console.ts';
import { INDENT, indented, roomOf } from './lines.ts';
import { OUTCOME_TONES, type Paint, type Tone, createPaint } from './paint.ts';
import { type Column, fitColumns, layOut } from './table.ts';
import { displayWidth, wrap } from './width.ts';

const TONES: Readonly<Record<SweepAnswer, readonly Tone[]>> = {
  breaks: ['red'],
  holds: ['green'],
  'no-effect': ['dim'],
  inconclusive: ['yellow'],
  'steady-broken': ['yellow', 'bold'],
  'not-measured': ['dim'],
};

const EDGE_TONES: Readonly<Record<SweepEdge['answer'], Tone>> = { breaks: 'red', holds: 'green', unknown: 'yellow' };
const EDGE_MARKS: Readonly<Record<SweepEdge['answer'], string>> = {
  breaks: ANSWERS.breaks.mark,
  holds: ANSWERS.holds.mark,
  unknown: ANSWERS.inconclusive.mark,
};

const COLUMNS: readonly Column[] = [
  { head: 'fault', minimum: 12 },
  { head: 'mild → severe', minimum: 20 },
];

/** The answers of a sweep for a terminal: edge by edge what breaks it, and each kind from mild to severe. */
export function renderSweepConsole(report: SweepReport, { color, width }: ConsoleOptions): string {
  const paint = createPaint(color);
  const room = roomOf(width);
  const { outcome, experiment, run, edges, endingDetail } = report;
  const word = paint(`${MARKS[outcome]} ${outcomeWord(report)}`, OUTCOME_TONES[outcome], 'bold');
  const dim = (text: string) => indented(wrap(plainText(text), room)).map((line) => paint(line, 'dim'));
  return [
    `${word}  ${paint(`faults on ${plainText(experiment.name)}`, 'bold')}`,
    ...dim(`${endingText(report)}${endingDetail === undefined ? '' : ` ${endingDetail}`}`),
    ...dim(`${cellCounts(report)}; ${loadText(report)}; ${formatLength(lengthMs(run))}, seed ${run.seed}`),
    ...dim(`must hold: ${report.budgets.join('; ')}`),
    ...edges.flatMap((edge) => ['', ...edgeLines(edge, room, paint)]),
    '',
    ...dim(legend()),
  ].join('\n');
}

function edgeLines(edge: SweepEdge, room: number, paint: Paint): string[] {
  const mark = `${EDGE_MARKS[edge.answer]} `;
  const headline = `${plainText(edge.edge)}: ${plainText(edge.headline)}`;
  const [first = '', ...more] = wrap(headline, room - displayWidth(mark));
  const tone = EDGE_TONES[edge.answer];
  return [
    ...indented([`${paint(mark, tone)}${paint(first, 'bold')}`, ...more.map((line) => `  ${paint(line, 'bold')}`)]),
    ...rowLines(edge, room - INDENT.length, paint).map((line) => `${INDENT}${INDENT}${line}`),
    ...edge.leftOut.flatMap(({ kind, why }) =>
      wrap(plainText(`${kind} was not tried: ${why}`), room - INDENT.length).map((line) =>
        paint(`${INDENT}${INDENT}${line}`, 'dim'),
      ),
    ),
  ];
}

function rowLines(edge: SweepEdge, room: number, paint: Paint): string[] {
  const names = edge.rows.map((row) => nameOf(row, edge));
  const [nameWidth = 12, cellsWidth = 20] = fitColumns(
    COLUMNS,
    edge.rows.map((row, index) => [names[index] ?? '', row.cells.map(cellText).join('  ')]),
    room,
  );
  return edge.rows.flatMap((row, index) => {
    const lines = packed(row.cells, cellsWidth, paint);
    const left = layOut([names[index] ?? ''], COLUMNS.slice(0, 1), [nameWidth]);
    const height = Math.max(left.length, lines.length);
    return Array.from({ length: height }, (_, line) => {
      const name = left[line] ?? '';
      return `${name}${' '.repeat(nameWidth - displayWidth(name))}  ${lines[line] ?? ''}`.trimEnd();
    });
  });
}

function nameOf({ kind, target }: SweepRow, { edge }: SweepEdge): string {
  return plainText(target === edge ? kind : `${kind} of ${target}`);
}

/** As many cells a line as there is room for; a cell is not broken, unless it is longer than a line. */
function packed(cells: readonly SweepCell[], width: number, paint: Paint): string[] {
  const lines: { text: string; columns: number }[] = [];
  for (const cell of cells) {
    for (const text of wrap(cellText(cell), width)) {
      const columns = displayWidth(text);
      const last = lines.at(-1);
      const painted = paint(text, ...TONES[cell.answer]);
      if (last === undefined || last.columns + 2 + columns > width) lines.push({ text: painted, columns });
      else {
        last.text += `  ${painted}`;
        last.columns += 2 + columns;
      }
    }
  }
  return lines.map(({ text }) => text);
}

/** "✗ 200ms 4.24×". */
function cellText({ answer, intensity, severity }: SweepCell): string {
  const { mark, word } = ANSWERS[answer];
  const text = `${mark} ${intensity === '' ? word : plainText(intensity)}`;
  return severity === undefined ? text : `${text} ${severityText(severity)}`;
}

function legend(): string {
  return Object.values(ANSWERS)
    .map(({ mark, word }) => `${mark} ${word}`)
    .join('  ');
}
