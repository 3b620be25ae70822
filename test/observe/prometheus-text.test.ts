import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePrometheusText, sumMatching } from '../../lib/observe/prometheus-text.ts';

const PAGE = `# HELP edge_attempts_total Attempts.
# TYPE edge_attempts_total counter
edge_attempts_total{edge="orders-pricing",outcome="ok"} 1027
edge_attempts_total{edge="orders-pricing",outcome="error"} 3 1395066363000
edge_attempts_total{ edge = "orders-pricing" , outcome = "timeout" , } 4
edge_attempts_total{edge="orders-ledger",outcome="error"} 5
edge_attempts_total_created{edge="orders-ledger"} 9
process_cpu_seconds_total 12.47
process_resident_memory_bytes\t3.4e+07
odd{path="C:\\\\dir",quote="say \\"hi\\"",lines="a\\nb",brace="}",comma=",",empty=""} +Inf
odd{kind="nan"} NaN # {trace_id="x"} 0.5
odd{broken="yes} 1
odd{broken=yes} 1
odd novalue
odd
`;

const all = (...names: string[]) => parsePrometheusText(PAGE, new Set(names));

describe('parsePrometheusText', () => {
  test('reads counters and gauges, with or without labels and time', () => {
    expect(all('process_cpu_seconds_total', 'process_resident_memory_bytes').map(({ value }) => value)).toEqual([
      12.47, 3.4e7,
    ]);
    expect(all('edge_attempts_total').map(({ labels, value }) => [labels.get('outcome'), value])).toEqual([
      ['ok', 1027],
      ['error', 3],
      ['timeout', 4],
      ['error', 5],
    ]);
  });

  test('takes escapes out of label values, and leaves broken lines out', () => {
    const [first, second, ...rest] = all('odd');
    expect(rest).toEqual([]);
    expect(Object.fromEntries(first?.labels ?? [])).toEqual({
      path: 'C:\\dir',
      quote: 'say "hi"',
      lines: 'a\nb',
      brace: '}',
      comma: ',',
      empty: '',
    });
    expect(first?.value).toBe(Infinity);
    expect(second?.value).toBeNaN();
  });

  test('reads back whatever label values were written', () => {
    const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/);
    const value = fc.string({ unit: 'binary', maxLength: 12 });
    const escape = (text: string) => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
    fc.assert(
      fc.property(fc.dictionary(name, value), fc.double({ noNaN: true }), (labels, number) => {
        const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escape(text)}"`);
        const text = String(number).replace('Infinity', 'Inf');
        const [sample] = parsePrometheusText(`x{${pairs.join(',')}} ${text}\n`, new Set(['x']));
        expect(new Map(sample?.labels)).toEqual(new Map(Object.entries(labels)));
        expect(sample?.value).toBe(Number(String(number)));
      }),
    );
  });
});

test.each([
  [{}, 1039],
  [{ edge: 'orders-pricing' }, 1034],
  [{ edge: 'orders-pricing', outcome: 'error' }, 3],
  [{ outcome: '!ok' }, 12],
  [{ edge: 'orders-pricing', outcome: '!ok' }, 7],
  [{ edge: 'nobody' }, 0],
  [{ region: '' }, 1039],
  [{ region: '!eu' }, 1039],
])('the series that match %o add up to %d', (labels, sum) => {
  expect(sumMatching(all('edge_attempts_total', 'process_cpu_seconds_total'), 'edge_attempts_total', labels)).toBe(sum);
});
