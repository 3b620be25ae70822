import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { renderSweepConsole } from '../../reports/console/sweep.ts';
import { displayWidth } from '../../reports/console/width.ts';
import { bySeverity, cellCounts, cellsOf, endingText } from '../../reports/format/sweep.ts';
import { renderSweepHtml } from '../../reports/html/sweep.ts';
import { renderSweepJunit } from '../../reports/junit/sweep.ts';
import { renderSweepMarkdown } from '../../reports/markdown/sweep.ts';
import { sweepJsonSchema } from '../../reports/model/sweep-schema.ts';
import { type SweepReport, sweepAnswerSchema, sweepReportSchema } from '../../reports/model/sweep.ts';
import { writeSweepReports } from '../../reports/write-sweep-reports.ts';
import { golden } from '../reports/golden.ts';
import { SWEEP_FIXTURES } from './fixtures.ts';

const ALL = Object.entries(SWEEP_FIXTURES);
const COMPLETE = SWEEP_FIXTURES['sweep-complete'];
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const ESCAPES = /\u001B\[[\d;]*m/g;

const RENDERERS: Readonly<Record<string, (report: SweepReport) => string | Promise<string>>> = {
  html: async (report) => withoutAssets(await renderSweepHtml(report)),
  'junit.xml': renderSweepJunit,
  'summary.md': renderSweepMarkdown,
  'console.txt': (report) => `${renderSweepConsole(report, { color: false, width: 110 })}\n`,
};

/** The other endings differ in a sentence. */
const GOLDEN = ['sweep-complete', 'sweep-time-limit', 'sweep-steady-broken'] as const;

describe.each(GOLDEN)('%s', (name) => {
  test.each(Object.entries(RENDERERS))('as %s', async (kind, render) => {
    const actual = await render(SWEEP_FIXTURES[name]());
    expect(actual).toBe(golden(`${name}.${kind}`, actual));
  });
});

test('there is a fixture for every ending and every answer, and each ending is told in words of its own', () => {
  const reports = ALL.map(([, make]) => make());
  expect(reports.map(({ ending }) => ending).toSorted()).toEqual(sweepReportSchema.shape.ending.options.toSorted());
  expect(new Set(reports.map(endingText)).size).toBe(reports.length);
  const answers = new Set(reports.flatMap(cellsOf).map(({ cell }) => cell.answer));
  expect([...answers].toSorted()).toEqual(sweepAnswerSchema.options.toSorted());
});

describe('sweep.schema.json', () => {
  test('is what sweep.ts says; `npm run schemas` writes it', () => {
    const committed = readFileSync(new URL('../../reports/model/sweep.schema.json', import.meta.url), 'utf8');
    expect(committed).toBe(`${JSON.stringify(sweepJsonSchema(), null, 2)}\n`);
  });

  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(sweepJsonSchema());

  test.each(ALL)('takes the report "%s"', (_name, make) => {
    expect(validate(make()), JSON.stringify(validate.errors)).toBe(true);
  });

  test('refuses what is no report', () => {
    expect(validate({ ...COMPLETE(), ending: 'tired' })).toBe(false);
    expect(validate({ ...COMPLETE(), outcome: 'fail' })).toBe(false);
  });
});

describe('the table by severity', () => {
  test('the furthest over its limit comes first; what was not measured is not in it', () => {
    const cells = bySeverity(COMPLETE()).map(({ cell }) => cell);
    expect(cells.map(({ label }) => label)).toEqual([
      'latency 2s',
      'pause 5s',
      'latency 200ms',
      'latency 50ms',
      'down',
      'latency 5ms',
      'pause 200ms',
      'latency 20ms',
      'latency 2s',
    ]);
    expect(bySeverity(SWEEP_FIXTURES['sweep-time-limit']())).toHaveLength(2);
  });

  test('and how many there are', () => {
    expect(cellCounts(COMPLETE())).toBe('9 of 9 cells measured: 5 break, 3 hold, 1 without effect');
    expect(cellCounts(SWEEP_FIXTURES['sweep-time-limit']())).toBe(
      '2 of 6 cells measured: 1 break, 1 without an answer',
    );
  });
});

describe('report.html', () => {
  test.each(ALL)('%s: no script, and links lead below its folder only', async (_name, make) => {
    const page = await renderSweepHtml(make());
    expect(page).not.toMatch(/<script\b/);
    expect(page).toContain('script-src &#39;none&#39;');
    const body = page.slice(page.indexOf('<body>'));
    const links = [...body.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    // From the map and from the table.
    expect(links).toHaveLength(2 * cellsOf(make()).filter(({ cell }) => cell.folder !== undefined).length);
    for (const link of links) expect(link).toMatch(/^[\w.%()-]+(?:\/[\w.%()-]+)*\/report\.html$/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('the answers come first, then what they rest on', async () => {
    const page = await renderSweepHtml(COMPLETE());
    const order = [
      'class="word">ANSWERED',
      'class="edge-answers',
      'id="heat"',
      'id="cells"',
      'id="left-out"',
      'id="notes"',
    ];
    const positions = order.map((part) => page.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(page).toContain('<title>ANSWERED: faults on peak-load – cutover</title>');
  });

  test('the further over, the darker; and the mildest that breaks is marked', async () => {
    const page = await renderSweepHtml(COMPLETE());
    const shades = [...page.matchAll(/<td\s+class="heat (heat-[^"]+)"/g)].map(([, shade]) => shade);
    expect(shades).toEqual([
      'heat-no-effect',
      'heat-holds',
      'heat-breaks shade-0 heat-mildest',
      'heat-breaks shade-2',
      'heat-breaks shade-3',
      'heat-breaks heat-mildest',
      'heat-holds',
      'heat-breaks shade-3 heat-mildest',
      'heat-holds',
    ]);
  });
});

describe('console', () => {
  test.each(ALL)('%s: fits, colours are colours alone, nothing steers the terminal', (_name, make) => {
    for (const width of [60, 80, 110, 160]) {
      const plain = renderSweepConsole(make(), { color: false, width });
      for (const line of plain.split('\n').slice(1)) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
      expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
      const colored = renderSweepConsole(make(), { color: true, width });
      expect(colored.replaceAll(ESCAPES, '').replaceAll(/ +$/gm, '')).toBe(plain.replaceAll(/ +$/gm, ''));
    }
  });
});

describe('junit.xml', () => {
  test.each(ALL)('%s: a case an edge, never a failure, as green as the answer', (_name, make) => {
    const report = make();
    const xml = renderSweepJunit(report);
    expect(XMLValidator.validate(xml)).toBe(true);
    const cases = xml.match(/<testcase /g)?.length ?? 0;
    expect(cases).toBe(report.ending === 'aborted' ? report.edges.length + 1 : report.edges.length);
    expect(xml).toContain(`tests="${cases}"`);
    expect(xml).not.toContain('<failure ');
    expect(xml.includes('<error ')).toBe(report.outcome !== 'pass');
  });

  test('any text at all gives well-formed XML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const report = COMPLETE();
        const edges = report.edges.map((edge) => ({ ...edge, edge: text, headline: text }));
        expect(XMLValidator.validate(renderSweepJunit({ ...report, summary: text, endingDetail: text, edges }))).toBe(
          true,
        );
      }),
      { numRuns: 50 },
    );
  });
});

test.each(ALL)('summary.md, %s: no HTML, and as many cells in every row', (_name, make) => {
  const text = renderSweepMarkdown(make());
  expect(text).not.toMatch(/<(?:script|img|\/)/);
  const tables = text.split('\n\n').filter((block) => block.startsWith('|'));
  expect(tables.length).toBeGreaterThan(1);
  for (const table of tables) {
    const bars = table
      .trim()
      .split('\n')
      .map((row) => row.match(/(?<!\\)\|/g)?.length);
    expect(new Set(bars).size, table).toBe(1);
  }
});

test('everything is written into the folder, and sweep.json reads back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-sweep-'));
  try {
    await writeSweepReports(folder, COMPLETE());
    expect(readdirSync(folder).toSorted()).toEqual(['junit.xml', 'report.html', 'summary.md', 'sweep.json']);
    const read: unknown = JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8'));
    expect(sweepReportSchema.parse(read)).toEqual(COMPLETE());
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** The styles have files of their own. */
function withoutAssets(page: string): string {
  return page.replace(/<style>.*?<\/style>/s, '<style></style>').replaceAll(/sha256-[A-Za-z0-9+/=]+/g, 'sha256-…');
}
