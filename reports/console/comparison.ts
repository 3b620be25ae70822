import {
  comparisonDesign,
  comparisonTitle,
  formatCompared,
  formatEffect,
  formatInterval,
  formatSize,
} from '../format/comparison.ts';
import { MARKS } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import type { Compared, ComparisonResult } from '../model/verdict.ts';
import { indented } from './lines.ts';
import { OUTCOME_TONES, type Paint } from './paint.ts';
import { type Column, fitColumns, layOut } from './table.ts';
import { wrap } from './width.ts';

type Field = Column & { readonly text: (row: Compared) => string };

const FIELDS: readonly Field[] = [
  { head: '', minimum: 1, text: ({ outcome }) => MARKS[outcome] },
  { head: 'figure', minimum: 8, text: ({ title }) => plainText(title) },
  { head: 'baseline', align: 'right', minimum: 8, text: (row) => formatCompared(row.baseline, row) },
  { head: 'candidate', align: 'right', minimum: 9, text: (row) => formatCompared(row.candidate, row) },
  { head: 'effect', minimum: 9, text: (row) => formatEffect(row.estimate, row) },
  { head: 'interval', minimum: 9, text: formatInterval },
];
/** Where there is room. */
const MORE_FIELDS: readonly Field[] = [
  { head: 'noise', align: 'right', minimum: 8, text: (row) => formatSize(row.noise, row) },
  { head: 'tells from', align: 'right', minimum: 10, text: (row) => formatSize(row.detectable, row) },
];
const ROOM_FOR_MORE = 88;

/** One line a figure; the outcome is told by its mark, and in full in the table of checks. */
export function comparisonLines(comparison: ComparisonResult, room: number, paint: Paint): string[] {
  const { rows, baseline, candidate, sameOnPurpose } = comparison;
  const sides = sameOnPurpose
    ? `both sides: ${plainText(baseline)}`
    : `baseline: ${plainText(baseline)}; candidate: ${plainText(candidate)}`;
  const fields = room < ROOM_FOR_MORE ? FIELDS : [...FIELDS, ...MORE_FIELDS];
  const cells = rows.map((row) => fields.map(({ text }) => text(row)));
  const widths = fitColumns(fields, cells, room);
  const head = layOut(
    fields.map((field) => field.head),
    fields,
    widths,
  ).map((line) => paint(line, 'dim'));
  const body = rows.flatMap((row, index) =>
    layOut(cells[index] ?? [], fields, widths, (text, column) =>
      column === 0 ? paint(text, OUTCOME_TONES[row.outcome]) : text,
    ),
  );
  return indented([
    paint(comparisonTitle(comparison), 'bold'),
    ...[sides, plainText(comparisonDesign(comparison))].flatMap((text) =>
      wrap(text, room).map((line) => paint(line, 'dim')),
    ),
    ...head,
    ...body,
  ]);
}
