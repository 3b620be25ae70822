import { describe, expect, test } from 'vitest';
import { renderConsole } from '../../../reports/console/console.ts';
import { renderSuite } from '../../../reports/console/suite.ts';
import { displayWidth } from '../../../reports/console/width.ts';
import { FIXTURES, drilled, failed, passed, stopped } from '../fixtures.ts';

// oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
const ESCAPES = /\u001B\[[\d;]*m/g;

describe('renderConsole', () => {
  test.each(Object.entries(FIXTURES))('%s: colours change nothing but colours', (_name, make) => {
    const colored = renderConsole(make(), { color: true, width: 100 });
    expect(colored).toContain('\u001B[');
    expect(colored.replaceAll(ESCAPES, '').replaceAll(/ +$/gm, '')).toBe(
      renderConsole(make(), { color: false, width: 100 }).replaceAll(/ +$/gm, ''),
    );
  });

  test.each([60, 80, 110, 160])('no line is wider than %d columns', (width) => {
    for (const make of Object.values(FIXTURES)) {
      const [, ...lines] = renderConsole(make(), { color: false, width }).split('\n');
      for (const line of lines) expect(displayWidth(line), line).toBeLessThanOrEqual(width);
    }
  });

  test('nothing of the system under test can steer the terminal', () => {
    expect(renderConsole(stopped(), { color: false, width: 100 })).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('what did not hold comes first, with the reason and the hint', () => {
    const lines = renderConsole(failed(), { color: false, width: 160 }).split('\n');
    const marks = lines.flatMap((line) => /^ {2}([✗?✓] \w+)/.exec(line)?.[1] ?? []);
    expect(marks).toEqual(['✗ fail', '✗ fail', '? inconclusive', '✓ pass', '✓ pass', '✓ pass', '✓ pass']);
    const first = lines.findIndex((line) => line.startsWith('  ✗ fail'));
    expect(lines.slice(first).join('\n')).toMatch(/why: {2}1\.83 .*\n.*hint: the circuit breaker/);
  });
});

test('drills have a line each, below the checks', () => {
  const text = renderConsole(drilled(), { color: false, width: 110 });
  const [, drills = ''] = text.split(/\n {18}drill .*\n/);
  expect(drills.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, '  '))).toEqual([
    '✓ pass  Circuit breaker on orders-pricing over grpc (breaker)  7 passed',
    '✗ fail  Retries on orders-ledger over http  2 failed',
    '? inconclusive  Circuit breaker on orders-ledger over http (breaker-ledger)  1 inconclusive, 2 passed',
  ]);
  expect(renderConsole(failed(), { color: false, width: 110 })).not.toContain('drill');
});

describe('renderSuite', () => {
  const rows = [passed, failed, stopped].map((make) => {
    const { experiment, outcome, summary } = make();
    return { name: experiment.name, outcome, summary, reportPath: 'out/report.html', durationMs: 76_000 };
  });

  test('has a line and a path for each experiment, and counts them', () => {
    const text = renderSuite(rows, { color: false });
    expect(text).toMatch(/^\n3 experiments: 1 failed, 1 inconclusive, 1 passed\n/);
    expect(text.match(/1 min 16 s {2}out\/report\.html/g)).toHaveLength(3);
    expect(text).toMatch(/✓ pass +peak-load +6 of 6 checks held/);
    expect(text).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test('says so when none ran', () => {
    expect(renderSuite([], { color: false })).toBe('\n0 experiments: none ran');
  });
});
