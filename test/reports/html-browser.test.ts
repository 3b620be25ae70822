import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderCapacityHtml } from '../../reports/html/capacity.ts';
import { renderHtml } from '../../reports/html/html.ts';
import { requirement } from '../helpers/require.ts';
import { CHROMIUM_PATH, hasChromium, launchChromium } from './chromium.ts';
import { CAPACITY_FIXTURES } from './capacity-fixtures.ts';
import { FIXTURES } from './fixtures.ts';

const { skip, reason } = requirement('chromium', hasChromium(), `there is no ${CHROMIUM_PATH} (set CHROMIUM)`);
const NAMES = Object.keys(FIXTURES) as (keyof typeof FIXTURES)[];
/** One load chart, errors, CPU, memory, start lag, heap and garbage collection where told, and one for each operation. */
const CHARTS = { passed: 12, failed: 12, stopped: 8, compared: 6, 'noise-floor': 6, drilled: 9, released: 8 } as const;

interface DOMRectLike {
  readonly left: number;
  readonly right: number;
  readonly top: number;
}

interface NamedBox {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** In the page. */
function boxesOf(elements: unknown): NamedBox[] {
  return (elements as { textContent: string; getBoundingClientRect(): NamedBox }[]).map((element) => {
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return { text: element.textContent, left, right, top, bottom };
  });
}

function overlapping(boxes: readonly NamedBox[]): string[] {
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
      .map((b) => `${a.text} over ${b.text}`),
  );
}

interface Boxed {
  getBoundingClientRect(): DOMRectLike;
}

/**
 * In the page: fills of marks and of text in SVGs whose contrast with the card is below what WCAG 2.2 asks for (3 : 1 and
 * 4.5 : 1), as "class colour".
 */
const LOW_CONTRAST = `(() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const luminance = (color) => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number);
    return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  };
  const card = getComputedStyle(document.querySelector('.chart')).backgroundColor;
  const contrast = (color) => {
    const [a, b] = [luminance(color), luminance(card)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  };
  const low = (query, least, property) => [...document.querySelectorAll(query)]
    .map((element) => [element, getComputedStyle(element)[property]])
    .filter(([, color]) => color !== 'none' && contrast(color) < least)
    .map(([element, color]) => element.getAttribute('class') + ' ' + color);
  return [
    ...low('.mark', 3, 'fill'),
    ...low('.mark .stroke, .rule line, .interval .span line', 3, 'stroke'),
    ...low('.drill-plot .edge, .drill-plot .drill-mark, pattern .stroke', 3, 'stroke'),
    ...low('pattern circle', 3, 'fill'),
    ...low('.interval circle, .headroom .held', 3, 'fill'),
    ...low('.static-plot text, .interval text, .headroom text', 4.5, 'fill'),
  ];
})()`;

describe.skipIf(skip)(`in a real browser ${reason}`, () => {
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'cutover-report-'));
  beforeAll(async () => {
    for (const name of NAMES) writeFileSync(join(folder, `${name}.html`), await renderHtml(FIXTURES[name]()));
    for (const [name, make] of Object.entries(CAPACITY_FIXTURES))
      writeFileSync(join(folder, `${name}.html`), await renderCapacityHtml(make()));
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });

  interface Opened {
    readonly page: Page;
    /** Requests other than for the page itself, messages on the console, and errors. */
    readonly incidents: string[];
  }

  async function open(
    name: string,
    options: { readonly width: number; readonly scripts: boolean; readonly dark?: boolean },
  ): Promise<Opened> {
    const context = await browser.newContext({
      viewport: { width: options.width, height: 844 },
      javaScriptEnabled: options.scripts,
      colorScheme: options.dark === true ? 'dark' : 'light',
    });
    const page = await context.newPage();
    const incidents: string[] = [];
    const url = pathToFileURL(join(folder, `${name}.html`)).href;
    page.on('console', (message) => incidents.push(`console: ${message.text()}`));
    page.on('pageerror', (error) => incidents.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url() !== url && !request.url().startsWith('data:')) incidents.push(`request: ${request.url()}`);
    });
    await page.goto(url);
    return { page, incidents };
  }

  const overflow = async (page: Page): Promise<number> =>
    await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');

  describe.each(NAMES)('%s', (name) => {
    test.each([1280, 390])(
      'charts are drawn, nothing is asked of the network, nothing sticks out at %d px',
      async (width) => {
        const { page, incidents } = await open(name, { width, scripts: true });
        const canvases = page.locator('figure.is-live canvas');
        expect(await canvases.count()).toBe(CHARTS[name]);
        const blank = await canvases.evaluateAll(
          (all) =>
            (
              all as unknown as {
                width: number;
                height: number;
                getContext(kind: '2d'): { getImageData(...area: number[]): { data: Uint8Array } };
              }[]
            ).filter(
              (canvas) =>
                !canvas
                  .getContext('2d')
                  .getImageData(0, 0, canvas.width, canvas.height)
                  .data.some((byte) => byte !== 0),
            ).length,
        );
        expect(blank).toBe(0);
        expect(await page.locator('.static:visible').count()).toBe(0);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
        expect(incidents).toEqual([]);
        await page.context().close();
      },
    );

    test.each([1280, 390])(
      'without scripts everything is there, with charts that stand still, at %d px',
      async (width) => {
        const { page, incidents } = await open(name, { width, scripts: false });
        expect(await page.locator('h1').innerText()).toContain(FIXTURES[name]().outcome.toUpperCase());
        expect(await page.locator('table.checks tbody tr:visible').count()).toBe(FIXTURES[name]().checks.length);
        expect(await page.locator('.static-plot:visible path.line').count()).toBeGreaterThan(CHARTS[name]);
        expect(await page.locator('canvas').count()).toBe(0);
        const plot = await page.locator('.static-plot .plot').first().boundingBox();
        expect(plot?.width).toBeGreaterThan(200);
        expect(incidents).toEqual([]);
        await page.context().close();
      },
    );
  });

  /** Sections that a script has no part in, by the shapes that must be there. */
  describe.each([1280, 390])('at %d px', (width) => {
    test.each(['compared', 'noise-floor'] as const)('%s: every interval and every block is drawn', async (name) => {
      const { page, incidents } = await open(name, { width, scripts: true });
      const rows = FIXTURES[name]().comparison?.rows ?? [];
      const section = page.locator('section[aria-labelledby="comparison"]');
      expect(await section.locator('table.compared tbody tr:visible').count()).toBe(rows.length);
      expect(await section.locator('svg.interval:visible').count()).toBe(
        rows.filter(({ estimate }) => estimate !== undefined).length,
      );
      expect(await section.locator('.point-plot .mark').count()).toBe(rows.flatMap(({ blocks }) => blocks).length);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(incidents).toEqual([]);
      await page.context().close();
    });

    test.each(Object.entries(CAPACITY_FIXTURES))(
      '%s: every probe is in the charts and in the table',
      async (name, make) => {
        const { page, incidents } = await open(name, { width, scripts: true });
        const { probes, outcome } = make();
        expect(await page.locator('h1').innerText()).toContain(outcome.toUpperCase());
        expect(await page.locator('table.probes tbody tr:visible').count()).toBe(probes.length);
        const measured = probes.filter(({ achievedPerSecond }) => achievedPerSecond !== undefined);
        if (probes.length > 0) {
          expect(await page.locator('.point-plot').first().locator('.mark').count()).toBe(measured.length);
        }
        const outside = await page.locator('.point-plot .mark').evaluateAll(
          (all) =>
            (all as unknown as { getBoundingClientRect(): DOMRectLike; closest(query: string): Boxed }[]).filter(
              (mark) => {
                const [own, plot] = [mark.getBoundingClientRect(), mark.closest('.plot').getBoundingClientRect()];
                return own.left < plot.left - 8 || own.right > plot.right + 8 || own.top < plot.top;
              },
            ).length,
        );
        expect(outside).toBe(0);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
        expect(await page.evaluate('globalThis.hacked')).toBeUndefined();
        expect(incidents).toEqual([]);
        await page.context().close();
      },
    );
  });

  test.each([1280, 800, 390, 360])(
    'drills: a picture each, with names that are not over one another, at %d px',
    async (width) => {
      const { page, incidents } = await open('drilled', { width, scripts: true });
      const { drills } = FIXTURES.drilled();
      const plots = page.locator('.drill-plot:visible');
      expect(await plots.count()).toBe(drills.length);
      expect(await page.locator('table.drill-checks tbody tr:visible').count()).toBe(
        drills.flatMap(({ checks }) => checks).length,
      );
      for (const [index, { steps }] of drills.entries()) {
        const plot = plots.nth(index);
        const names = await plot.locator('.plot text:visible').evaluateAll(boxesOf);
        const box = await plot.locator('svg.plot').first().boundingBox();
        if (box === null) throw new Error('the plot is not visible');
        expect(names.length).toBeGreaterThan(steps.length);
        expect(overlapping(names)).toEqual([]);
        for (const { text, left, right } of names) {
          expect(left, text).toBeGreaterThanOrEqual(box.x - 1);
          expect(right, text).toBeLessThanOrEqual(box.x + box.width + 1);
        }
        for (const once of index === 1 ? ['well again'] : ['opened after 90 ms', 'closed'])
          expect(names.map(({ text }) => text)).toContain(once);
        // Every layer with requests is filled, and where something is clipped away something is left.
        const areas = await plot.locator('.area').evaluateAll(boxesOf);
        expect(areas.length).toBeGreaterThan(1);
        for (const { left, right } of areas) expect(right - left).toBeGreaterThan(150);
      }
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      expect(incidents).toEqual([]);
      await page.context().close();
    },
  );

  test.each([1280, 390])('stages and spans are drawn where they were, on one scale, at %d px', async (width) => {
    const { page, incidents } = await open('released', { width, scripts: false });
    const stages = await page.locator('.bars .stage').evaluateAll(boxesOf);
    expect(stages).toHaveLength(4);
    for (const [index, { left }] of stages.entries()) {
      const before = stages[index - 1];
      if (before !== undefined) expect(Math.abs(left - before.right)).toBeLessThanOrEqual(2);
    }
    const spans = await page.locator('.bars .span').evaluateAll(boxesOf);
    expect(spans).toHaveLength(4);
    const [root, first, , retry] = spans;
    expect(first?.left).toBeGreaterThanOrEqual(root?.left ?? 0);
    expect(retry?.left).toBeGreaterThanOrEqual(first?.right ?? 0);
    expect(await page.locator('.whole-run').count()).toBe(2);
    expect(await overflow(page)).toBeLessThanOrEqual(0);
    expect(incidents).toEqual([]);
    await page.context().close();
  });

  test.each([1280, 390])('windows of faults: names on the strip are not over one another, at %d px', async (width) => {
    const { page } = await open('drilled', { width, scripts: true });
    const names = await page.locator('.strip .fault text').evaluateAll(boxesOf);
    expect(names.map(({ text }) => text)).toContain('restart-engine ×50');
    expect(names).toHaveLength(4);
    expect(overlapping(names)).toEqual([]);
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)(
    'text and marks of the new sections stand out from their ground: %s',
    async (scheme) => {
      for (const name of ['compared', 'capacity-found', 'drilled', 'released']) {
        const { page } = await open(name, { width: 1280, scripts: true, dark: scheme === 'dark' });
        const low = await page.evaluate<string[]>(LOW_CONTRAST);
        expect(low).toEqual([]);
        await page.context().close();
      }
    },
  );

  test('a legend entry hides its line with the keyboard too', async () => {
    const { page } = await open('failed', { width: 1280, scripts: true });
    const entry = page.locator('[data-chart="load"] .u-legend th[role="button"]', { hasText: 'dropped' });
    expect(await entry.getAttribute('aria-pressed')).toBe('true');
    await entry.focus();
    await page.keyboard.press('Enter');
    await page.locator('[data-chart="load"] .u-legend th[aria-pressed="false"]', { hasText: 'dropped' }).waitFor();
    expect(await page.locator('[data-chart="load"] .u-series.u-off').count()).toBe(1);
    await page.context().close();
  });

  test('cursors move together: pointing at one chart shows the moment in all', async () => {
    const { page } = await open('failed', { width: 1280, scripts: true });
    await page.locator('[data-chart="load"] .u-over').hover({ position: { x: 400, y: 40 } });
    const moment = page.locator('.u-legend .u-series:first-child .u-value');
    await page
      .locator('[data-chart="memory"] .u-legend .u-series:first-child .u-value', { hasText: /^\d\d:\d\d$/ })
      .waitFor();
    expect(new Set(await moment.allInnerTexts()).size).toBe(1);
    await page.context().close();
  });

  test('it is printed on white, with the charts that stand still, also from a dark screen', async () => {
    const { page } = await open('failed', { width: 800, scripts: true, dark: true });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    expect(await page.locator('.static-plot:visible').count()).toBe(CHARTS.failed);
    expect(await page.locator('canvas:visible').count()).toBe(0);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await page.context().close();
  });

  test('everything can be reached by heading and by name', async () => {
    const { page } = await open('failed', { width: 1280, scripts: true });
    for (const name of [
      'What did not hold',
      'Checks',
      'Over time',
      'Operations',
      'Phases and faults',
      'How this was measured',
      'Environment',
    ]) {
      expect(await page.getByRole('heading', { name, level: 2, exact: true }).count(), name).toBe(1);
    }
    expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
    expect(await page.getByRole('table', { name: /Every budget/ }).count()).toBe(1);
    expect(await page.getByRole('img', { name: /^quote, 01:07 long: p50/ }).count()).toBe(1);
    await page.context().close();
  });
});
