import { bracketText, endingText, headroomText, probeCounts, uslParameters } from '../format/capacity.ts';
import { formatFigure, formatLength, formatNumber, lengthMs } from '../format/figures.ts';
import { MARKS, withoutOutcome } from '../format/outcomes.ts';
import { plainText } from '../format/plain-text.ts';
import type { CapacityReport, Probe } from '../model/capacity.ts';
import type { ConsoleOptions } from './console.ts';
import { indented, roomOf } from './lines.ts';
import { OUTCOME_TONES, type Paint, createPaint } from './paint.ts';
import { type Column, fitColumns, layOut } from './table.ts';
import { displayWidth, padEnd, wrap } from './width.ts';

type Field = Column & { readonly text: (probe: Probe) => string };

const FIELDS: readonly Field[] = [
  { head: '#', align: 'right', minimum: 2, text: ({ index }) => formatNumber(index) },
  { head: '', minimum: 14, text: ({ outcome }) => `${MARKS[outcome]} ${outcome}` },
  { head: 'offered', align: 'right', minimum: 7, text: ({ perSecond }) => formatFigure(perSecond, 'perSecond') },
  { head: 'p99', align: 'right', minimum: 7, text: ({ p99Ms }) => formatFigure(p99Ms, 'ms') },
];
/** Where there is room. */
const MORE_FIELDS: readonly Field[] = [
  {
    head: 'achieved',
    align: 'right',
    minimum: 8,
    text: ({ achievedPerSecond }) => formatFigure(achievedPerSecond, 'perSecond'),
  },
  { head: 'failed', align: 'right', minimum: 6, text: ({ failedRatio }) => formatFigure(failedRatio, 'ratio') },
];
const WHY: Field = { head: 'why', minimum: 14, text: ({ reason }) => plainText(reason) };
const ROOM_FOR_MORE = 76;

/** The answer of a capacity search for a terminal: how much holds, what stands in the way, and every probe in order. */
export function renderCapacityConsole(report: CapacityReport, { color, width }: ConsoleOptions): string {
  const paint = createPaint(color);
  const room = roomOf(width);
  const { outcome, experiment, run, probes } = report;
  const word = paint(`${MARKS[outcome]} ${outcome.toUpperCase()}`, OUTCOME_TONES[outcome], 'bold');
  const counts = `${probes.length} ${probes.length === 1 ? 'probe' : 'probes'}: ${probeCounts(probes)}`;
  return [
    `${word}  ${paint(`capacity of ${plainText(experiment.name)}`, 'bold')}`,
    ...indented(wrap(plainText(withoutOutcome(report.summary, outcome)), room)),
    ...indented(wrap(endingText(report), room)).map((line) => paint(line, 'dim')),
    ...indented(wrap(`${counts}, ${formatLength(lengthMs(run))}, seed ${run.seed}`, room)).map((line) =>
      paint(line, 'dim'),
    ),
    '',
    ...facts(report, room, paint),
    ...(probes.length === 0 ? [] : ['', ...probesTable(probes, room, paint)]),
  ].join('\n');
}

function facts(report: CapacityReport, room: number, paint: Paint): string[] {
  const { limitingBudget, saturatedResource, usl } = report;
  const headroom = headroomText(report);
  const model = usl.fitted
    ? uslParameters(usl)
        .map(({ symbol, value }) => `${symbol} ${value}`)
        .join(', ')
    : `not fitted: ${plainText(usl.reason)}`;
  const list: readonly (readonly [string, string])[] = [
    ['holds', bracketText(report)],
    ...(headroom === undefined ? [] : [['headroom', headroom] as const]),
    ...(limitingBudget === undefined ? [] : [['broke first', plainText(limitingBudget)] as const]),
    ...(saturatedResource === undefined ? [] : [['nearest end', plainText(saturatedResource)] as const]),
    ['model', model],
  ];
  const labels = Math.max(...list.map(([label]) => displayWidth(label))) + 2;
  return indented(
    list.flatMap(([label, text]) =>
      wrap(text, room - labels).map(
        (line, index) => `${paint(padEnd(index === 0 ? label : '', labels), 'dim')}${line}`,
      ),
    ),
  );
}

function probesTable(probes: readonly Probe[], room: number, paint: Paint): string[] {
  const fields = [...FIELDS, ...(room < ROOM_FOR_MORE ? [] : MORE_FIELDS), WHY];
  const rows = probes.map((probe) => fields.map(({ text }) => text(probe)));
  const widths = fitColumns(fields, rows, room);
  const head = layOut(
    fields.map((field) => field.head),
    fields,
    widths,
  ).map((line) => paint(line, 'dim'));
  const body = probes.flatMap(({ outcome }, index) =>
    layOut(rows[index] ?? [], fields, widths, (text, column) =>
      column === 1 ? paint(text, OUTCOME_TONES[outcome]) : text,
    ),
  );
  return indented([...head, ...body]);
}
