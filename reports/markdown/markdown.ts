import { formatFigure, formatLength, formatMoment, lengthMs } from '../format/figures.ts';
import { bySeverity, countOutcomes, nameOf, operationOf, withoutOutcome } from '../format/outcomes.ts';
import { groupWindows } from '../format/windows.ts';
import type { Check, Verdict } from '../model/verdict.ts';
import { comparisonBlock } from './comparison.ts';
import { detailBlocks } from './details.ts';
import { drillsBlock } from './drills.ts';
import { escapeMarkdown } from './escape.ts';
import { ICONS } from './icons.ts';
import { markdownTable } from './table.ts';

/** summary.md: the verdict as GitHub Markdown, for a step summary or a change request. */
export function renderMarkdown(verdict: Verdict): string {
  const { experiment, outcome, run, stoppedEarly } = verdict;
  const checks = bySeverity(verdict.checks);
  const open = checks.filter((check) => check.outcome !== 'pass');
  const facts = [
    formatMoment(run.startedAt),
    formatLength(lengthMs(run)),
    countOutcomes(checks.map((check) => check.outcome)),
    `run \`${run.id.replaceAll('`', '')}\``,
  ];
  const blocks = [
    `## ${ICONS[outcome]} ${outcome.toUpperCase()}: ${escapeMarkdown(experiment.name)}`,
    `**${escapeMarkdown(withoutOutcome(verdict.summary, outcome))}**`,
    escapeMarkdown(experiment.description),
    facts.join(' · '),
    stoppedEarly === undefined ? '' : `> **Stopped early:** ${escapeMarkdown(stoppedEarly)}`,
    open.length === 0 ? '' : ['### What did not hold', ...open.map(finding)].join('\n\n'),
    checks.length === 0 ? '' : `### All checks\n\n${checksTable(checks)}`,
    verdict.drills.length === 0 ? '' : drillsBlock(verdict),
    ...verdict.sections.map(({ title, note, details }) =>
      [`### ${escapeMarkdown(title)}`, escapeMarkdown(note), ...detailBlocks(details)].join('\n\n'),
    ),
    verdict.comparison === undefined ? '' : comparisonBlock(verdict.comparison),
    verdict.faults.length === 0 ? '' : `### Faults\n\n${faultList(verdict)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function finding({ outcome, title, catalogue, reason, hint, limit, measured }: Check): string {
  const lines = [
    `- ${ICONS[outcome]} **${escapeMarkdown(title)}** (${outcome}${catalogue === undefined ? '' : `, ${escapeMarkdown(catalogue)}`})`,
    `  - ${escapeMarkdown(reason)}`,
    `  - limit ${escapeMarkdown(limit)}, measured ${escapeMarkdown(measured)}`,
    ...(hint === undefined ? [] : [`  - hint: ${escapeMarkdown(hint)}`]),
  ];
  return lines.join('\n');
}

function checksTable(checks: readonly Check[]): string {
  const rows = checks.map((check) => [
    `${ICONS[check.outcome]} ${check.outcome}`,
    escapeMarkdown(nameOf(check)),
    escapeMarkdown(check.limit),
    escapeMarkdown(check.measured),
    formatFigure(check.events, 'count'),
    escapeMarkdown(check.phase ?? ''),
    escapeMarkdown(operationOf(check)),
  ]);
  const head = ['Outcome', 'Check', 'Limit', 'Measured', 'Events', 'Phase', 'Where'];
  return markdownTable(head, rows, new Set(['Events']));
}

function faultList({ faults }: Verdict): string {
  return groupWindows(faults)
    .map(
      ({ name, detail, startMs, endMs }) =>
        `- **${escapeMarkdown(name)}**: ${escapeMarkdown(detail)}, from ${formatLength(startMs)} to ${formatLength(endMs)}`,
    )
    .join('\n');
}
