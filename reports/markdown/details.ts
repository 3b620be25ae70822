import { stageTotal } from '../format/details.ts';
import { formatLength } from '../format/figures.ts';
import type { Detail } from '../model/verdict.ts';
import { escapeMarkdown } from './escape.ts';
import { markdownTable } from './table.ts';

/** More rows than these are in the report alone. */
const ROWS_SHOWN = 10;

/** Tables and stages as Markdown; a trace is a picture, and only named here. */
export function detailBlocks(details: readonly Detail[]): string[] {
  return details.flatMap((detail) => {
    const title = `**${escapeMarkdown(detail.title)}**`;
    switch (detail.kind) {
      case 'table': {
        if (detail.rows.length === 0) return [];
        const rows = detail.rows.slice(0, ROWS_SHOWN).map((cells) => cells.map(escapeMarkdown));
        const left = detail.rows.length - rows.length + (detail.more?.rows ?? 0);
        const table = markdownTable(detail.columns.map(escapeMarkdown), rows);
        return [title, table, ...(left > 0 ? [`${left} more are in the report.`] : [])];
      }
      case 'stages': {
        if (detail.stages.length === 0) return [];
        const rows = detail.stages.map(({ name, startMs, endMs, detail: text }) => [
          escapeMarkdown(name),
          formatLength(endMs - startMs),
          escapeMarkdown(text),
        ]);
        return [`${title}: ${escapeMarkdown(stageTotal(detail))}`, markdownTable(['Stage', 'Took', ''], rows)];
      }
      case 'trace':
        return [`${title}: trace \`${detail.traceId.replaceAll('`', '')}\`, drawn in the report`];
      default:
        return detail satisfies never;
    }
  });
}
