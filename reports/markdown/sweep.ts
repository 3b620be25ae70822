import { formatLength, formatMoment, lengthMs } from '../format/figures.ts';
import {
  ANSWERS,
  type PlacedCell,
  bySeverity,
  cellCounts,
  endingText,
  loadText,
  outcomeWord,
  routeText,
  severityText,
} from '../format/sweep.ts';
import type { SweepCell, SweepEdge, SweepReport, SweepRow } from '../model/sweep.ts';
import { escapeMarkdown } from './escape.ts';
import { ICONS } from './icons.ts';
import { markdownTable } from './table.ts';

const ROW_HEAD = ['Fault', 'Mild → severe', 'Answer'];
const CELL_HEAD = ['Fault', 'Edge', 'Answer', 'Over its limit', 'Why'];
/** A summary is read in a pull request: what is further down is in the report. */
const MOST_CELLS = 20;

/** No pictures in red and green: what breaks an edge is the answer, and no failure. */
const EDGE_MARKS: Readonly<Record<SweepEdge['answer'], string>> = {
  breaks: ANSWERS.breaks.mark,
  holds: ANSWERS.holds.mark,
  unknown: ANSWERS.inconclusive.mark,
};

/** summary.md of a fault sweep, as GitHub Markdown. */
export function renderSweepMarkdown(report: SweepReport): string {
  const { experiment, outcome, run, edges, budgets, endingDetail } = report;
  const facts = [
    formatMoment(run.startedAt),
    formatLength(lengthMs(run)),
    cellCounts(report),
    loadText(report),
    `run \`${run.id.replaceAll('`', '')}\``,
  ];
  const blocks = [
    `## ${ICONS[outcome]} ${outcomeWord(report)}: faults on ${escapeMarkdown(experiment.name)}`,
    edges.map(edgeLine).join('\n'),
    escapeMarkdown(`${endingText(report)}${endingDetail === undefined ? '' : ` ${endingDetail}`}`),
    facts.join(' · '),
    `Must hold: ${escapeMarkdown(budgets.join('; '))}`,
    ...edges.map(edgeBlock),
    bySeverityBlock(bySeverity(report)),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function edgeLine({ edge, answer, headline }: SweepEdge): string {
  return `- ${EDGE_MARKS[answer]} **${escapeMarkdown(edge)}**: ${escapeMarkdown(headline)}`;
}

function edgeBlock(edge: SweepEdge): string {
  const leftOut = edge.leftOut.map(({ kind, why }) => `${kind} (${why})`).join('; ');
  return [
    `### ${escapeMarkdown(edge.edge)}: ${escapeMarkdown(routeText(edge))}`,
    edge.rows.length === 0
      ? ''
      : markdownTable(
          ROW_HEAD,
          edge.rows.map((row) => rowCells(row, edge)),
        ),
    leftOut === '' ? '' : `Not tried: ${escapeMarkdown(leftOut)}.`,
  ]
    .filter((block) => block !== '')
    .join('\n\n');
}

function rowCells(row: SweepRow, { edge }: SweepEdge): string[] {
  const name = row.target === edge ? row.kind : `${row.kind} of ${row.target}`;
  return [escapeMarkdown(name), row.cells.map(cellText).join(' '), escapeMarkdown(row.summary)];
}

/** "✗ 200ms"; severities are in the table below. */
function cellText({ answer, intensity }: SweepCell): string {
  const { mark, word } = ANSWERS[answer];
  return `${mark} ${escapeMarkdown(intensity === '' ? word : intensity)}`.replaceAll(' ', '\u00A0');
}

function bySeverityBlock(cells: readonly PlacedCell[]): string {
  if (cells.length === 0) return '';
  const rows = cells
    .slice(0, MOST_CELLS)
    .map(({ edge, cell }) => [
      escapeMarkdown(cell.label),
      escapeMarkdown(edge.edge),
      `${ANSWERS[cell.answer].mark} ${ANSWERS[cell.answer].word}`,
      severityText(cell.severity),
      escapeMarkdown(cell.reason),
    ]);
  const more = cells.length > MOST_CELLS ? `\n\n${cells.length - MOST_CELLS} more are in the report.` : '';
  return `### By severity\n\n${markdownTable(CELL_HEAD, rows, new Set(['Over its limit']))}${more}`;
}
