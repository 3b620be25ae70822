import { describe, expect, test } from 'vitest';
import { isEdgeDrillResult } from '../../../reports/format/drills.ts';
import { describeDrill } from '../../../reports/html/charts/describe-drill.ts';
import { MAX_BARS, drillBars } from '../../../reports/html/charts/drill-bars.ts';
import { renderHtml } from '../../../reports/html/html.ts';
import { drillsSection } from '../../../reports/html/sections/drills.ts';
import type { DrillResult, Verdict } from '../../../reports/model/verdict.ts';
import { drilled, passed } from '../fixtures.ts';

function cards(verdict: Verdict): string[] {
  const [, ...parts] = (drillsSection(verdict)?.text ?? '').split('<article');
  return parts;
}

function withDrill(change: (drill: DrillResult) => Partial<DrillResult>): Verdict {
  const verdict = drilled();
  const [drill] = verdict.drills;
  if (drill === undefined) throw new Error('the fixture has drills');
  return { ...verdict, drills: [{ ...drill, ...change(drill) }] };
}

describe('the section on drills', () => {
  test('comes after the checks, and is absent without drills', async () => {
    const page = await renderHtml(drilled());
    const positions = ['id="checks"', 'id="drills"', 'id="charts"'].map((part) => page.indexOf(part));
    expect(positions).not.toContain(-1);
    expect(positions).toEqual(positions.toSorted((a, b) => a - b));
    expect(await renderHtml(passed())).not.toContain('id="drills"');
  });

  test('has a card for each, as good as the worst of its checks, with contract, picture and checks', () => {
    const verdict = drilled();
    const all = cards(verdict);
    expect(all.map((card) => /class="drill is-(\w+)"/.exec(card)?.[1])).toEqual(['pass', 'fail', 'inconclusive']);
    for (const [index, { contract, checks }] of verdict.drills.entries()) {
      const card = (all[index] ?? '').replaceAll('\u00A0', ' ');
      expect(card).toContain(contract);
      expect(card.match(/drill-plot" role="img" aria-label="Requests on [^"]+"/g)).toHaveLength(1);
      const [, body = ''] = card.split('<tbody');
      expect(body.match(/<tr role="row"/g)).toHaveLength(checks.length);
    }
    expect(all[0]).toMatch(/Circuit breaker on orders-pricing over grpc\s+<span class="tag">breaker<\/span>/);
    expect(all[1]).toMatch(/Retries on orders-ledger over http\s*<\/h3>/);
    expect(all[0]).toMatch(/<span class="tag">BRK-6<\/span>\s+stays closed\s+<\/th>/);
  });

  test('a drill without checks has shown nothing', () => {
    const [card] = cards(withDrill(() => ({ checks: [] })));
    expect(card).toContain('is-inconclusive');
    expect(card).toContain('Nothing was checked.');
  });

  test('no arrivals at all are said, and are no broken figures', () => {
    const empty = { answered: [], failed: [], canceled: [] };
    const [card] = cards(withDrill(({ startMs }) => ({ arrivals: empty, endMs: startMs, steps: [], marks: [] })));
    expect(card).toContain('Nothing arrived on the edge.');
    expect(card).not.toMatch(/NaN|Infinity|undefined|<details/);
  });

  test('every mark is in the list; a moment outside the drill is not in the picture', () => {
    const marks = [...Array(20).keys()].map((index) => ({ atMs: 21_000 + index, text: `seen ${index}` }));
    const [card = ''] = cards(withDrill(() => ({ marks: [...marks, { atMs: 900_000, text: 'late' }] })));
    const list = card.slice(card.indexOf('<details'));
    expect(list).toContain('21 marks');
    for (const { text } of marks) expect(list).toMatch(new RegExp(String.raw`</span> ${text}</li>`));
    expect(list).toContain('900 s</span> late');
    expect(card.slice(0, card.indexOf('<details'))).not.toMatch(/>late</);
  });

  test('ten thousand bins and a thousand marks are little more than a hundred kilobytes', () => {
    const bins = Array.from({ length: 10_000 }, (_, index) => index % 7);
    const marks = Array.from({ length: 1_000 }, (_, index) => ({ atMs: 20_000 + index * 999, text: 'probe' }));
    const verdict = withDrill(({ startMs }) => ({
      endMs: startMs + 1_000_000,
      arrivals: { answered: bins, failed: bins, canceled: bins },
      marks,
    }));
    const [card = ''] = cards(verdict);
    expect(card.length).toBeLessThan(120_000);
    expect(card).toContain('in bars of 5 s');
    expect(card).toContain('800 more are in verdict.json.');
  });
});

const edgeDrills = () => drilled().drills.filter((drill) => isEdgeDrillResult(drill));

describe('drillBars', () => {
  test('keep every request, as a rate, in few bars', () => {
    const [drill] = edgeDrills();
    if (drill === undefined) throw new Error('the fixture has drills');
    const { layers, barMs, edges } = drillBars(drill);
    expect(edges.length).toBeLessThanOrEqual(MAX_BARS + 1);
    expect([edges[0], edges.at(-1)]).toEqual([0, 1]);
    for (const { kind, perSecond, total } of layers) {
      expect(perSecond).toHaveLength(edges.length - 1);
      expect((perSecond.reduce((sum, rate) => sum + rate, 0) * barMs) / 1_000).toBeCloseTo(total);
      expect(total).toBe(drill.arrivals[kind].reduce((sum, count) => sum + count, 0));
    }
  });
});

test('a drill is described in one sentence: what arrived, its steps, its marks', () => {
  const [drill] = edgeDrills();
  if (drill === undefined) throw new Error('the fixture has drills');
  expect(describeDrill(drill, drillBars(drill))).toMatch(
    /^Requests on orders-pricing from 20 – 52\.5 s: 799 answered by the callee, \d+ failed, or cut off, 3 given up by the caller; steps: below 20 – 24 s, client-errors 24 – 26 s, .*; marks: opened after 90 ms at 31\.59 s, probe at 33\.59 s, .*closed at 47\.09 s$/,
  );
});
