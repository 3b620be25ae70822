import { describe, expect, test } from 'vitest';
import { formatEffect, formatInterval, formatSize } from '../../../reports/format/comparison.ts';
import { blockStrip } from '../../../reports/html/charts/blocks.ts';
import { intervalPlot } from '../../../reports/html/charts/interval.ts';
import { renderHtml } from '../../../reports/html/html.ts';
import { comparisonSection } from '../../../reports/html/sections/comparison.ts';
import type { Compared } from '../../../reports/model/verdict.ts';
import { renderConsole } from '../../../reports/console/console.ts';
import { renderMarkdown } from '../../../reports/markdown/markdown.ts';
import { FIXTURES, compared, noiseFloor, passed } from '../fixtures.ts';

function row(fields: Partial<Compared>): Compared {
  const [first] = compared().comparison?.rows ?? [];
  if (first === undefined) throw new Error('the fixture compares');
  return { ...first, ...fields };
}

describe('figures', () => {
  test.each([
    [1.042, 'ratio', '+4.2 %'],
    [0.958, 'ratio', '−4.2 %'],
    [1, 'ratio', '±0 %'],
    [0.001, 'difference', '+0.1 points'],
    [undefined, 'ratio', '–'],
  ] as const)('an effect of %s (%s) reads "%s"', (value, effect, text) => {
    expect(formatEffect(value, { effect })).toBe(text);
  });

  test('a bound that is not known is open', () => {
    const { lower: _, ...open } = row({ upper: 1.2 });
    expect(formatInterval(open)).toBe('−∞ to +20 %');
  });

  test('noise of a ratio is relative, of a difference absolute', () => {
    expect(formatSize(0.034, { effect: 'ratio' })).toBe('3.4 %');
    expect(formatSize(0.0012, { effect: 'difference' })).toBe('0.12 points');
  });
});

describe('intervalPlot', () => {
  /** Where the two lines and the point are, percent of the width. */
  function places(fields: Partial<Compared>) {
    const text = intervalPlot(row(fields))?.text ?? '';
    const at = (pattern: RegExp) => Number(pattern.exec(text)?.[1]);
    return {
      none: at(/class="none" x1="([\d.]+)%"/),
      margin: at(/class="margin" x1="([\d.]+)%"/),
      estimate: at(/cx="([\d.]+)%"/),
    };
  }

  test('more is worse: the margin is on the right of no difference', () => {
    const { none, margin, estimate } = places({ estimate: 1.2, limit: 1.1 });
    expect(none).toBeLessThan(margin);
    expect(margin).toBeLessThan(estimate);
  });

  test('more is better: the margin is on the left', () => {
    const { none, margin, estimate } = places({ estimate: 0.8, lower: 0.7, limit: 0.9, higherIsBetter: true });
    expect(margin).toBeLessThan(none);
    expect(estimate).toBeLessThan(margin);
  });

  test('without an estimate there is none', () => {
    const { estimate: _, ...bare } = row({});
    expect(intervalPlot(bare)).toBeUndefined();
  });
});

describe('section', () => {
  test('only where something was compared', () => {
    expect(comparisonSection(passed())).toBeUndefined();
    expect(comparisonSection(compared())?.text).toContain('>Baseline against candidate</h2>');
  });

  test('two that are the same show the noise floor', async () => {
    expect(await renderHtml(noiseFloor())).toContain('>Noise floor</h2>');
    expect(renderConsole(noiseFloor(), { color: false, width: 100 })).toContain('\n  Noise floor\n');
    expect(renderMarkdown(noiseFloor())).toContain('\n### Noise floor\n');
  });

  test('each side has its shape, and a block without a figure is seen', () => {
    const blocks = row({}).blocks.map((block, index) => (index === 3 ? { ...block, value: null } : block));
    const text = blockStrip(row({ blocks }), 5_000).text;
    expect(text.match(/mark-baseline/g)).toHaveLength(15);
    expect(text.match(/mark-candidate/g)).toHaveLength(16);
    expect(text.match(/mark-missing/g)).toHaveLength(1);
    expect(text).toContain('; 1 without data');
  });

  test('no figures at all, and blocks that are all 0, are drawn all the same', () => {
    for (const value of [null, 0]) {
      const blocks = row({}).blocks.map((block) => ({ ...block, value }));
      expect(blockStrip(row({ blocks }), 5_000).text).not.toMatch(/NaN|Infinity/);
    }
  });
});

test.each(Object.entries(FIXTURES))(
  '%s: rows of the tables in summary.md have as many cells as their heads',
  (_name, make) => {
    for (const table of renderMarkdown(make())
      .split('\n\n')
      .filter((block) => block.startsWith('|'))) {
      const cells = table
        .trim()
        .split('\n')
        .map((line) => line.match(/(?<!\\)\|/g)?.length);
      expect(new Set(cells).size).toBe(1);
    }
  },
);
