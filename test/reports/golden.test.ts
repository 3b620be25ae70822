import { describe, test } from 'vitest';
import { renderConsole } from '../../reports/console/console.ts';
import { renderHtml } from '../../reports/html/html.ts';
import { renderJunit } from '../../reports/junit/junit.ts';
import { renderMarkdown } from '../../reports/markdown/markdown.ts';
import { FIXTURES } from './fixtures.ts';
import { expectGolden } from './golden.ts';

describe.each(Object.entries(FIXTURES))('%s', (name, make) => {
  test('report.html, without the styles and the script that are put into it', async () => {
    expectGolden(`${name}.html`, withoutAssets(await renderHtml(make())));
  });
  test('junit.xml', () => expectGolden(`${name}.junit.xml`, renderJunit(make())));
  test('summary.md', () => expectGolden(`${name}.summary.md`, renderMarkdown(make())));
  test('a terminal', () =>
    expectGolden(`${name}.console.txt`, `${renderConsole(make(), { color: false, width: 110 })}\n`));
});

/** They have files of their own, and change with uPlot and esbuild. */
function withoutAssets(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '<style></style>')
    .replace(/<script>.*?<\/script>/s, '<script></script>')
    .replaceAll(/sha256-[A-Za-z0-9+/=]+/g, 'sha256-…');
}
