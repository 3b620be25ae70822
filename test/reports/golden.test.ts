import { describe, expect, test } from 'vitest';
import { renderCapacityConsole } from '../../reports/console/capacity.ts';
import { renderConsole } from '../../reports/console/console.ts';
import { renderCapacityHtml } from '../../reports/html/capacity.ts';
import { renderHtml } from '../../reports/html/html.ts';
import { renderCapacityJunit } from '../../reports/junit/capacity.ts';
import { renderJunit } from '../../reports/junit/junit.ts';
import { renderCapacityMarkdown } from '../../reports/markdown/capacity.ts';
import { renderMarkdown } from '../../reports/markdown/markdown.ts';
import type { CapacityReport } from '../../reports/model/capacity.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { CAPACITY_FIXTURES } from './capacity-fixtures.ts';
import { FIXTURES } from './fixtures.ts';
import { golden } from './golden.ts';

const RENDERERS: Readonly<Record<string, (verdict: Verdict) => string | Promise<string>>> = {
  html: async (verdict) => withoutAssets(await renderHtml(verdict)),
  'junit.xml': renderJunit,
  'summary.md': renderMarkdown,
  'console.txt': (verdict) => `${renderConsole(verdict, { color: false, width: 110 })}\n`,
};

const CAPACITY_RENDERERS: Readonly<Record<string, (report: CapacityReport) => string | Promise<string>>> = {
  html: async (report) => withoutAssets(await renderCapacityHtml(report)),
  'junit.xml': renderCapacityJunit,
  'summary.md': renderCapacityMarkdown,
  'console.txt': (report) => `${renderCapacityConsole(report, { color: false, width: 110 })}\n`,
};

/** The other endings differ in a sentence and in what is missing. */
const CAPACITY_GOLDEN = ['capacity-found', 'capacity-nothing-held', 'capacity-unstable'] as const;

describe.each(CAPACITY_GOLDEN)('%s', (name) => {
  test.each(Object.entries(CAPACITY_RENDERERS))('as %s', async (kind, render) => {
    const actual = await render(CAPACITY_FIXTURES[name]());
    expect(actual).toBe(golden(`${name}.${kind}`, actual));
  });
});

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
