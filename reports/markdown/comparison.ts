import {
  comparisonDesign,
  comparisonTitle,
  formatCompared,
  formatEffect,
  formatInterval,
  formatSize,
} from '../format/comparison.ts';
import type { ComparisonResult } from '../model/verdict.ts';
import { escapeMarkdown } from './escape.ts';
import { ICONS } from './icons.ts';
import { markdownTable } from './table.ts';

const HEAD = ['Outcome', 'Figure', 'Baseline', 'Candidate', 'Effect', 'Interval', 'Noise', 'Can tell from'];
const RIGHT: ReadonlySet<string> = new Set(['Baseline', 'Candidate', 'Noise', 'Can tell from']);

export function comparisonBlock(comparison: ComparisonResult): string {
  const { rows, baseline, candidate, sameOnPurpose } = comparison;
  const sides = sameOnPurpose
    ? `Both sides: ${escapeMarkdown(baseline)}.`
    : `Baseline: ${escapeMarkdown(baseline)}. Candidate: ${escapeMarkdown(candidate)}.`;
  const cells = rows.map((row) => [
    `${ICONS[row.outcome]} ${row.outcome}`,
    escapeMarkdown(row.title),
    formatCompared(row.baseline, row),
    formatCompared(row.candidate, row),
    formatEffect(row.estimate, row),
    formatInterval(row),
    formatSize(row.noise, row),
    formatSize(row.detectable, row),
  ]);
  return [
    `### ${comparisonTitle(comparison)}`,
    `${sides} ${escapeMarkdown(comparisonDesign(comparison))}.`,
    markdownTable(HEAD, cells, RIGHT),
  ].join('\n\n');
}
