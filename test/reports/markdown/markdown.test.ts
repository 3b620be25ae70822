import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { escapeMarkdown } from '../../../reports/markdown/escape.ts';
import { renderMarkdown } from '../../../reports/markdown/markdown.ts';
import { failed, stopped } from '../fixtures.ts';

describe('summary.md', () => {
  test('begins with the verdict, and lists what did not hold first', () => {
    const text = renderMarkdown(failed());
    expect(text).toMatch(/^## ❌ FAIL: engine-faults\n/);
    const outcomes = [...text.matchAll(/^\| (?:❌|⚠️|✅) (\w+) \|/gmu)].map(([, outcome]) => outcome);
    expect(outcomes).toEqual(['fail', 'fail', 'inconclusive', 'pass', 'pass', 'pass', 'pass']);
  });

  test('every row of the table has seven cells, whatever is in them', () => {
    const rows = renderMarkdown(stopped())
      .split('\n')
      .filter((line) => line.startsWith('|'));
    expect(rows).toHaveLength(4);
    for (const row of rows) expect(row.match(/(?<!\\)\|/g)).toHaveLength(8);
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
