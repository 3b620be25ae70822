import { describe, expect, test } from 'vitest';
import { renderConsole } from '../../reports/console/console.ts';
import { renderHtml } from '../../reports/html/html.ts';
import { renderJunit } from '../../reports/junit/junit.ts';
import { renderMarkdown } from '../../reports/markdown/markdown.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { FIXTURES } from './fixtures.ts';
import { golden } from './golden.ts';

const RENDERERS: Readonly<Record<string, (verdict: Verdict) => string | Promise<string>>> = {
  html: async (verdict) => withoutAssets(await renderHtml(verdict)),
  'junit.xml': renderJunit,
  'summary.md': renderMarkdown,
  'console.txt': (verdict) => `${renderConsole(verdict, { color: false, width: 110 })}\n`,
};

describe.each(Object.entries(FIXTURES))('%s', (name, make) => {
  test.each(Object.entries(RENDERERS))('as %s', async (kind, render) => {
    const actual = await render(make());
    expect(actual).toBe(golden(`${name}.${kind}`, actual));
  });
});

/** The styles and the script have files of their own, and change with uPlot and esbuild. */
function withoutAssets(page: string): string {
  return page
    .replace(/<style>.*?<\/style>/s, '<style></style>')
    .replace(/<script>.*?<\/script>/s, '<script></script>')
    .replaceAll(/sha256-[A-Za-z0-9+/=]+/g, 'sha256-…');
}
