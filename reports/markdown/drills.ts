import { checksOf, drillCounts, drillOutcome, namedTitle } from '../format/drills.ts';
import type { Verdict } from '../model/verdict.ts';
import { detailBlocks } from './details.ts';
import { escapeMarkdown } from './escape.ts';
import { ICONS } from './icons.ts';
import { markdownTable } from './table.ts';

/** One row a drill; its checks are in the table of checks. */
export function drillsBlock(verdict: Verdict): string {
  const rows = verdict.drills.map((drill) => {
    const checks = checksOf(drill, verdict);
    const outcome = drillOutcome(checks);
    return [
      `${ICONS[outcome]} ${outcome}`,
      escapeMarkdown(namedTitle(drill)),
      escapeMarkdown(drill.contract),
      drillCounts(checks),
    ];
  });
  const details = verdict.drills.flatMap((drill) => detailBlocks(drill.details));
  return ['### Drills', markdownTable(['Outcome', 'Drill', 'Declared', 'Checks'], rows), ...details].join('\n\n');
}
