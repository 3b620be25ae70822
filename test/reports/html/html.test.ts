import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderHtml } from '../../../reports/html/html.ts';
import { html, raw, scriptJson } from '../../../reports/html/markup.ts';
import { FIXTURES, failed, passed, stopped } from '../fixtures.ts';

describe('markup', () => {
  test('escapes values, not markup, and leaves out what is not there', () => {
    const tag = html;
    const list = [tag`<u></u>`, '&'];
    expect(
      tag`<p title="${'"a\''}">${'<b>'}${tag`<i>${1}</i>`}${list}${undefined}${false}${raw('<hr>')}</p>`.text,
    ).toBe('<p title="&quot;a&#39;">&lt;b&gt;<i>1</i><u></u>&amp;<hr></p>');
  });

  test('JSON cannot end its script, and reads back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('<', '/', '!', '-', 's', '>', '\u2028', '"') }), (text) => {
        const json = scriptJson({ text });
        expect(json).not.toContain('<');
        expect(JSON.parse(json)).toEqual({ text });
      }),
    );
  });
});

describe('report.html', () => {
  test('what did not hold comes before everything else but the verdict', async () => {
    const page = await renderHtml(failed());
    const order = [
      'class="word">FAIL',
      'id="findings"',
      'id="checks"',
      'id="charts"',
      'id="operations"',
      'id="timeline"',
      'id="notes"',
      'id="environment"',
    ];
    const positions = order.map((part) => page.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  });

  test('nothing to explain, no such section', async () => {
    expect(await renderHtml(passed())).not.toContain('id="findings"');
  });

  test('the run that was stopped says so', async () => {
    expect(await renderHtml(stopped())).toContain('<strong>Stopped early.</strong>');
  });

  test.each(Object.entries(FIXTURES))('%s: no reference to anything outside the file', async (_name, make) => {
    const page = await renderHtml(make());
    const markup = page.replaceAll(/<(script|style)\b[^>]*>.*?<\/\1>/gs, '');
    expect(markup).not.toMatch(/<(?:img|iframe|object|embed|base)\b/i);
    expect(markup.match(/<link\b/g)).toHaveLength(1);
    expect(markup).not.toMatch(/\s(?:src|href)="(?!data:)/);
    // Patterns and clip paths are referred to by their names in the file.
    expect(page).not.toMatch(/@import|url\((?!#[\w-]+\))/);
  });

  test.each(Object.entries(FIXTURES))('%s: only its own style and script may apply', async (_name, make) => {
    const page = await renderHtml(make());
    const [, escaped = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const policy = escaped.replaceAll('&#39;', "'");
    expect(policy).toContain("default-src 'none'");
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text]) => text ?? '');
    const styles = [...page.matchAll(/<style>(.*?)<\/style>/gs)].map(([, text]) => text ?? '');
    expect([scripts.length, styles.length]).toEqual([1, 1]);
    for (const text of [...scripts, ...styles]) {
      expect(policy).toContain(`'sha256-${createHash('sha256').update(text).digest('base64')}'`);
    }
    expect(page).not.toMatch(/\sstyle="/);
  });

  test('a run that saw nothing is still a report', async () => {
    const empty = {
      ...passed(),
      checks: [],
      phases: [],
      operations: [],
      notes: [],
      timeline: {
        t: [],
        load: { offered: [], achieved: [], dropped: [] },
        latency: {},
        errors: {},
        cpu: {},
        memory: {},
        heap: {},
        gcPause: {},
        startLag: [],
      },
    };
    const page = await renderHtml(empty);
    expect(page).toContain('Nothing was checked.');
    expect(page).toContain('No second of the load was observed.');
    expect(page).toContain('No requests were seen.');
    expect(page).not.toContain('NaN');
  });
});
