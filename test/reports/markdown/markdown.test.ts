import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeMarkdown } from '../../../reports/markdown/escape.ts';
import { renderMarkdown } from '../../../reports/markdown/markdown.ts';
import { drilled, failed, stopped } from '../fixtures.ts';

describe('summary.md', () => {
  test('begins with the verdict, and lists what did not hold first', () => {
    const text = renderMarkdown(failed());
    expect(text).toMatch(/^## ❌ FAIL: engine-faults\n/);
    const outcomes = [...text.matchAll(/^\| (?:❌|⚠️|✅) (\w+) \|/gmu)].map(([, outcome]) => outcome);
    expect(outcomes).toEqual(['fail', 'fail', 'inconclusive', 'pass', 'pass', 'pass', 'pass']);
  });

  test('every row of a table has as many cells as its head, whatever is in them', () => {
    const tables = renderMarkdown(stopped())
      .split('\n\n')
      .filter((block) => block.startsWith('|'));
    const cells = tables.map((table) => table.split('\n').map((row) => (row.match(/(?<!\\)\|/g)?.length ?? 0) - 1));
    expect(cells).toEqual([Array(4).fill(7), Array(3).fill(4), Array(3).fill(1), Array(3).fill(3)]);
  });

  test('drills have a row each with what was declared', () => {
    const [, drills = ''] = renderMarkdown(drilled()).split('### Drills\n\n');
    const rows = drills.split('\n\n')[0]?.split('\n').slice(2) ?? [];
    expect(rows).toHaveLength(3);
    expect(rows[0]).toMatch(
      /^\| ✅ pass \| Circuit breaker on orders-pricing over grpc \(breaker\) \| opens after 5 .* \| 7 passed \|$/,
    );
    expect(rows[1]).toMatch(/^\| ❌ fail \| Retries on orders-ledger over http \| in an outage .* \| 2 failed \|$/);
    expect(renderMarkdown(failed())).not.toContain('Drills');
  });

  test('a fault that comes again and again is one line', () => {
    const [, faults = ''] = renderMarkdown(drilled()).split('### Faults\n\n');
    expect(faults.trim().split('\n')).toHaveLength(9);
    expect(faults).toMatch(/^- \*\*restart-engine ×50\*\*: /);
  });

  test('lets no HTML through', () => {
    expect(renderMarkdown(stopped())).not.toMatch(/<(?:script|img|\/)/);
  });
});

test('escaped text is one line without a tag, a cell border or a code mark', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const escaped = escapeMarkdown(text);
      expect(escaped).not.toMatch(/[<>\n\r]|(?<!\\)(?:\\\\)*[|`]/);
    }),
  );
});
