import { expect, test } from 'vitest';
import { type RuleGroup, alertNames } from '../../lib/alerts/rule-file.ts';
import { lookbackOf, scaleRules } from '../../lib/alerts/scale-rules.ts';

const GROUPS: readonly RuleGroup[] = [
  {
    name: 'shop',
    interval: '1m',
    rules: [
      { record: 'shop:failed:ratio_rate10m', expr: 'sum(rate(failed_total[10m]))' },
      { record: 'shop:failed:max', expr: 'max_over_time(shop:failed:ratio_rate10m[20m])' },
      { alert: 'Failing', expr: 'shop:failed:ratio_rate10m > 0.1', for: '5m', labels: { severity: 'page' } },
      { alert: 'FailedBadly', expr: 'shop:failed:max > 0.5', keep_firing_for: '10m' },
      { alert: 'Down', expr: 'up == 0' },
    ],
  },
];

test('every time in it is divided, and nothing else is changed', () => {
  const [group] = scaleRules(GROUPS, 60);
  expect(group).toEqual({
    name: 'shop',
    interval: '1s',
    rules: [
      { record: 'shop:failed:ratio_rate10m', expr: 'sum(rate(failed_total[10s]))' },
      { record: 'shop:failed:max', expr: 'max_over_time(shop:failed:ratio_rate10m[20s])' },
      { alert: 'Failing', expr: 'shop:failed:ratio_rate10m > 0.1', for: '5s', labels: { severity: 'page' } },
      { alert: 'FailedBadly', expr: 'shop:failed:max > 0.5', keep_firing_for: '10s' },
      { alert: 'Down', expr: 'up == 0' },
    ],
  });
  expect(scaleRules(GROUPS, 1)).toEqual(GROUPS);
});

test.each([
  ['Failing', 15 * 60_000],
  ['FailedBadly', 40 * 60_000],
  ['Down', 0],
  ['Unknown', 0],
])('%s looks back %s ms, through what it reads', (alert, ms) => expect(lookbackOf(alert, GROUPS)).toBe(ms));

test('a series that is made of itself ends', () => {
  const rules = [
    { record: 'a', expr: 'a + rate(b[1m])' },
    { alert: 'A', expr: 'a > 1' },
  ];
  expect(lookbackOf('A', [{ name: 'loop', rules }])).toBe(60_000);
});

test('names of alerts, each once', () => {
  expect(alertNames([...GROUPS, ...GROUPS])).toEqual(['Failing', 'FailedBadly', 'Down']);
});
