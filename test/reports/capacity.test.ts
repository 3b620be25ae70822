import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { renderCapacityConsole } from '../../reports/console/capacity.ts';
import { displayWidth } from '../../reports/console/width.ts';
import { bracketText, endingText, headroomText, uslThroughput } from '../../reports/format/capacity.ts';
import { renderCapacityHtml } from '../../reports/html/capacity.ts';
import { scalabilityChart, throughputChart } from '../../reports/html/charts/capacity-charts.ts';
import { renderCapacityJunit } from '../../reports/junit/capacity.ts';
import { renderCapacityMarkdown } from '../../reports/markdown/capacity.ts';
import { capacityReportSchema } from '../../reports/model/capacity.ts';
import { writeCapacityReports } from '../../reports/write-capacity-reports.ts';
import { CAPACITY_FIXTURES, found } from './capacity-fixtures.ts';

const ALL = Object.entries(CAPACITY_FIXTURES);
// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const ESCAPES = /\u001B\[[\d;]*m/g;

test('there is a fixture for every ending, and each is told in words of its own', () => {
  const endings = ALL.map(([, make]) => make().ending);
  expect(endings.toSorted()).toEqual(capacityReportSchema.shape.ending.options.toSorted());
  expect(new Set(ALL.map(([, make]) => endingText(make()))).size).toBe(endings.length);
});

test.each([
  [{ lastPassPerSecond: 600, firstFailPerSecond: 640 }, 'between 600/s and 640/s'],
  [{ lastPassPerSecond: 600 }, 'at least 600/s'],
  [{ firstFailPerSecond: 12.5 }, 'less than 12.5/s'],
  [{}, 'not known'],
])('the bracket %j reads "%s"', (ends, text) => {
  const { lastPassPerSecond: _low, firstFailPerSecond: _high, ...report } = found();
  expect(bracketText({ ...report, ...ends })).toBe(text);
});

test('headroom is told against what is wanted, and not at all without a forecast', () => {
  expect(headroomText(found())).toBe('124 % of the forecast 1,000/s, 120 % wanted');
  expect(headroomText(CAPACITY_FIXTURES['capacity-nothing-held']())).toBe(
    'less than 3.13 % of the forecast 400/s, 100 % wanted',
  );
  expect(headroomText(CAPACITY_FIXTURES['capacity-no-bound']())).toBeUndefined();
});

describe('report.html', () => {
  test.each(ALL)('%s: no script, and links lead below its folder only', async (_name, make) => {
    const page = await renderCapacityHtml(make());
    expect(page).not.toMatch(/<script\b/);
    expect(page).toContain('script-src &#39;none&#39;');
    const body = page.slice(page.indexOf('<body>'));
    const links = [...body.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, link]) => link);
    expect(links).toHaveLength(make().probes.length);
    for (const link of links) expect(link).toMatch(/^[\w.%()-]+(?:\/[\w.%()-]+)*\/report\.html$/);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test('the answer comes first, then what it rests on', async () => {
    const page = await renderCapacityHtml(found());
    const order = [
      'class="word">PASS',
      'class="headroom',
      'id="curve"',
      'id="probes"',
      'id="scalability"',
      'id="notes"',
    ];
    const positions = order.map((part) => page.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });
});

describe('charts', () => {
  test('the bracket is shaded, and the forecast times what is wanted of it is marked', () => {
    const { bands, rules } = throughputChart(found());
    expect(bands).toEqual([{ from: 1_240, to: 1_290, label: '1,240/s – 1,290/s' }]);
    expect(rules).toEqual([{ at: 1_200, label: '120 % of the forecast' }]);
  });

  test('what did not hold is drawn over what held at the same rate', () => {
    const kinds = throughputChart(found()).points.map(({ kind }) => kind);
    expect(kinds.join(' ')).toMatch(/^(pass )+(inconclusive )+(fail ?)+$/);
  });

  test('the model has a curve only where it was fitted, and it is the law of its parameters', () => {
    expect(scalabilityChart(CAPACITY_FIXTURES['capacity-out-of-probes']())).toBeUndefined();
    const { usl } = found();
    if (!usl.fitted) throw new Error('the fixture has a model');
    expect(uslThroughput(usl, 1)).toBe(usl.lambda);
    const peak = Math.sqrt((1 - usl.sigma) / usl.kappa);
    expect(uslThroughput(usl, peak)).toBeGreaterThan(uslThroughput(usl, peak * 1.1));
    expect(uslThroughput(usl, peak)).toBeGreaterThan(uslThroughput(usl, peak / 1.1));
    expect(scalabilityChart(found())?.curves[0]?.points.length).toBeGreaterThan(50);
  });
});

describe('console', () => {
  test.each(ALL)('%s: fits, colours are colours alone, nothing steers the terminal', (_name, make) => {
    for (const width of [60, 80, 110, 160]) {
      const plain = renderCapacityConsole(make(), { color: false, width });
      for (const line of plain.split('\n').slice(1)) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
      expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
      const colored = renderCapacityConsole(make(), { color: true, width });
      expect(colored.replaceAll(ESCAPES, '').replaceAll(/ +$/gm, '')).toBe(plain.replaceAll(/ +$/gm, ''));
    }
  });
});

describe('junit.xml', () => {
  test.each(ALL)('%s: one case, as green as the answer', (_name, make) => {
    const report = make();
    const xml = renderCapacityJunit(report);
    expect(XMLValidator.validate(xml)).toBe(true);
    expect(xml.match(/<testcase /g)).toHaveLength(1);
    expect(xml.includes('<failure ')).toBe(report.outcome === 'fail');
    expect(xml.includes('<error ')).toBe(report.outcome === 'inconclusive');
  });

  test('any text at all gives well-formed XML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const report = {
          ...found(),
          limitingBudget: text,
          summary: text,
          experiment: { name: text, description: text },
        };
        expect(XMLValidator.validate(renderCapacityJunit(report))).toBe(true);
      }),
    );
  });
});

test.each(ALL)('summary.md, %s: no HTML, and as many cells in every row', (_name, make) => {
  const text = renderCapacityMarkdown(make());
  expect(text).not.toMatch(/<(?:script|img|\/)/);
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(10);
});

test('everything is written into the folder, and capacity.json reads back', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-capacity-'));
  try {
    await writeCapacityReports(folder, found());
    expect(readdirSync(folder).toSorted()).toEqual(['capacity.json', 'junit.xml', 'report.html', 'summary.md']);
    const read: unknown = JSON.parse(readFileSync(join(folder, 'capacity.json'), 'utf8'));
    expect(capacityReportSchema.parse(read)).toEqual(found());
  } finally {
    rmSync(folder, { recursive: true });
  }
});
