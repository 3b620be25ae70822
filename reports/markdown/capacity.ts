import { bracketText, endingText, headroomText, probeCounts, uslParameters } from '../format/capacity.ts';
import {
  UNKNOWN,
  formatFigure,
  formatLength,
  formatMoment,
  formatNumber,
  formatPercent,
  lengthMs,
} from '../format/figures.ts';
import { withoutOutcome } from '../format/outcomes.ts';
import type { CapacityReport } from '../model/capacity.ts';
import { escapeMarkdown } from './escape.ts';
import { ICONS } from './icons.ts';
import { markdownTable } from './table.ts';

const HEAD = ['Probe', 'Outcome', 'Offered', 'Achieved', 'In the system', 'p50', 'p99', 'Failed', 'Why'];
const RIGHT: ReadonlySet<string> = new Set(['Probe', 'Offered', 'Achieved', 'In the system', 'p50', 'p99', 'Failed']);

/** summary.md of a capacity search, as GitHub Markdown. */
export function renderCapacityMarkdown(report: CapacityReport): string {
  const { experiment, outcome, run, probes } = report;
  const facts = [
    formatMoment(run.startedAt),
    formatLength(lengthMs(run)),
    `${probes.length} probes: ${probeCounts(probes)}`,
    `run \`${run.id.replaceAll('`', '')}\``,
  ];
  const blocks = [
    `## ${ICONS[outcome]} ${outcome.toUpperCase()}: capacity of ${escapeMarkdown(experiment.name)}`,
    `**${escapeMarkdown(withoutOutcome(report.summary, outcome))}**`,
    escapeMarkdown(endingText(report)),
    facts.join(' · '),
    answer(report),
    probes.length === 0 ? '' : `### Probes\n\n${probesTable(report)}`,
    `### How it scales\n\n${scalability(report)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function answer(report: CapacityReport): string {
  const { limitingBudget, saturatedResource } = report;
  const lines = [
    ['Highest rate that holds', bracketText(report)],
    ['Headroom', headroomText(report)],
    ['Broke first', limitingBudget],
    ['Nearest to its end', saturatedResource],
  ] as const;
  return lines
    .filter(([, text]) => text !== undefined)
    .map(([label, text]) => `- **${label}**: ${escapeMarkdown(text ?? '')}`)
    .join('\n');
}

function probesTable({ probes }: CapacityReport): string {
  const rows = probes.map((probe) => [
    String(probe.index),
    `${ICONS[probe.outcome]} ${probe.outcome}`,
    formatFigure(probe.perSecond, 'perSecond'),
    formatFigure(probe.achievedPerSecond, 'perSecond'),
    probe.concurrency === undefined ? UNKNOWN : formatNumber(probe.concurrency),
    formatFigure(probe.p50Ms, 'ms'),
    formatFigure(probe.p99Ms, 'ms'),
    probe.failedRatio === undefined ? UNKNOWN : formatPercent(probe.failedRatio),
    escapeMarkdown(probe.reason),
  ]);
  return markdownTable(HEAD, rows, RIGHT);
}

function scalability({ usl }: CapacityReport): string {
  if (!usl.fitted) return `No model was fitted: ${escapeMarkdown(usl.reason)}`;
  return uslParameters(usl)
    .map(({ symbol, name, value, meaning }) => `- ${symbol}, ${name}: **${value}** – ${escapeMarkdown(meaning)}`)
    .join('\n');
}
