import { describe, expect, test } from 'vitest';
import { stripesPath } from '../../../reports/html/charts/path.ts';
import { renderHtml } from '../../../reports/html/html.ts';
import { timelineSection } from '../../../reports/html/sections/timeline.ts';
import type { Window } from '../../../reports/model/verdict.ts';
import { failed } from '../fixtures.ts';

function kills(amount: number): Window[] {
  return Array.from({ length: amount }, (_, index) => {
    const startMs = 1_000 + (index * 60_000) / amount;
    return { name: `kill-${index + 1}`, startMs, endMs: startMs + 20, detail: 'engine killed' };
  });
}

describe('a fault that comes again and again', () => {
  test('has one row, and one line in the table with every start in it', () => {
    const verdict = failed();
    const { text } = timelineSection({ ...verdict, faults: [...verdict.faults, ...kills(50)] });
    const height = (section: string) => Number(/class="strip" height="(\d+)"/.exec(section)?.[1]);
    expect(height(text) - height(timelineSection(verdict).text)).toBeLessThan(40);
    expect(text.match(/<tr class="kind-fault"/g)).toHaveLength(verdict.faults.length + 1);
    expect(text).toContain('20 ms each');
    expect(text).toMatch(/all 50 starts<\/summary>\s+1 s, 2\.2 s, 3\.4 s, .*, 59\.8 s\s/);
    expect(text).toContain('kill ×50 00:01 to 00:59');
  });

  test('a thousand times is no large page', async () => {
    const verdict = failed();
    const [without, page] = await Promise.all(
      [0, 1_000].map(async (amount) => await renderHtml({ ...verdict, faults: kills(amount) })),
    );
    expect((page?.length ?? 0) - (without?.length ?? 0)).toBeLessThan(400_000);
  });
});

test('stripes that touch are one, and the shortest are seen', () => {
  const windows = [
    { startMs: 0, endMs: 10 },
    { startMs: 10, endMs: 20 },
    { startMs: 50, endMs: 50 },
  ];
  expect(stripesPath(windows, { min: 0, max: 0.1 })).toBe('M0 0H200V1000H0ZM500 0H500.5V1000H500Z');
});
