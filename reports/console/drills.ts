import { checksOf, drillCounts, drillOutcome, namedTitle } from '../format/drills.ts';
import { stagesLine } from '../format/details.ts';
import { MARKS } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import type { Verdict } from '../model/verdict.ts';
import { indented } from './lines.ts';
import { OUTCOME_TONES, type Paint } from './paint.ts';
import { type Column, fitColumns, layOut } from './table.ts';
import { wrap } from './width.ts';

const COLUMNS: readonly Column[] = [
  { head: '', minimum: 14 },
  { head: 'drill', minimum: 14 },
  { head: 'checks', minimum: 14 },
];

/** A line a drill; its checks are in the table of checks. */
export function drillLines(verdict: Verdict, room: number, paint: Paint): string[] {
  const drills = verdict.drills.map((drill) => {
    const checks = checksOf(drill, verdict);
    const outcome = drillOutcome(checks);
    return { outcome, cells: [`${MARKS[outcome]} ${outcome}`, plainText(namedTitle(drill)), drillCounts(checks)] };
  });
  const widths = fitColumns(
    COLUMNS,
    drills.map(({ cells }) => cells),
    room,
  );
  const head = layOut(
    COLUMNS.map((column) => column.head),
    COLUMNS,
    widths,
  ).map((line) => paint(line, 'dim'));
  const body = drills.flatMap(({ outcome, cells }) =>
    layOut(cells, COLUMNS, widths, (text, column) => (column === 0 ? paint(text, OUTCOME_TONES[outcome]) : text)),
  );
  const stages = verdict.drills
    .flatMap(({ details }) => details)
    .flatMap((detail) => (detail.kind === 'stages' && detail.stages.length > 0 ? [detail] : []))
    .flatMap((detail) => wrap(`${plainText(detail.title)}: ${plainText(stagesLine(detail))}`, room));
  return indented([...head, ...body, ...stages]);
}
