import { expect, test } from 'vitest';
import { checkSchema } from '../../reports/model/verdict.ts';
import type { Finding } from '../../lib/judge/finding.ts';
import { safely } from '../../lib/judge/safely.ts';

const SUBJECT = { id: 'a', title: 'A', kind: 'latency', limit: '≥ 1' } as const;
const PASS: Finding = { outcome: 'pass', reason: 'good', measured: '1', events: 1, evidence: {} };

test('a finding becomes a check', () => {
  expect(safely(SUBJECT, () => PASS)).toEqual({ ...SUBJECT, ...PASS });
});

test.each<[string, () => Finding, RegExp]>([
  [
    'an error',
    () => {
      throw new RangeError('out of range');
    },
    /RangeError: out of range/,
  ],
  [
    'something else thrown',
    () => {
      throw 'a string';
    },
    /a string/,
  ],
  ['events that are no number', () => ({ ...PASS, events: Number.NaN }), /number of events is NaN/],
  ['half an event', () => ({ ...PASS, events: 1.5 }), /number of events is 1\.5/],
])('%s is inconclusive, never a pass', (_, judge, reason) => {
  const check = safely(SUBJECT, judge);
  expect(check.outcome).toBe('inconclusive');
  expect(check.reason).toMatch(reason);
  expect(checkSchema.safeParse(check).success).toBe(true);
});

test('figures that JSON cannot hold are written as text', () => {
  const check = safely(SUBJECT, () => ({ ...PASS, evidence: { a: Number.POSITIVE_INFINITY, b: Number.NaN, c: 1 } }));
  expect(check.evidence).toEqual({ a: 'Infinity', b: 'NaN', c: 1 });
});
