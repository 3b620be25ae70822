import { expect, test } from 'vitest';
import type { RuleGroups } from '../../../lib/observe/alerts/prometheus-api.ts';
import { ruleWatch } from '../../../lib/observe/alerts/rule-watch.ts';

const LABELS = { alertname: 'ShopFails', severity: 'page' };

/** What a poll may tell, a second after the load's start plus `seconds`. */
function poll(seconds: number, change: object = {}): RuleGroups {
  const lastEvaluation = new Date(1_800_000_000_000 + seconds * 1_000).toISOString();
  const rule = { name: 'ShopFails', health: 'ok', lastError: '', lastEvaluation, alerts: [], ...change };
  return [{ name: 'shop', interval: 0.5, rules: [rule, { ...rule, name: 'shop:failed' }] }];
}

test('adds up evaluations, gaps, errors, and since when an alert was active', () => {
  const watch = ruleWatch();
  watch.add(poll(0, { lastEvaluation: '0001-01-01T00:00:00Z', health: 'unknown' }));
  watch.add(poll(-3));
  watch.add(poll(1));
  // The same evaluation, seen twice.
  watch.add(poll(1));
  const activeAt = new Date(1_800_000_002_000).toISOString();
  watch.add(poll(2, { alerts: [{ labels: LABELS, state: 'pending', activeAt }] }));
  watch.add(poll(6, { health: 'err', lastError: 'too many' }));
  const [alert, record] = watch.between(1_800_000_000_000, 1_800_000_010_000);
  expect(alert).toEqual({
    group: 'shop',
    name: 'ShopFails',
    intervalMs: 500,
    evaluations: 3,
    longestGapMs: 4_000,
    error: 'too many',
  });
  expect(record).toMatchObject({ name: 'shop:failed', evaluations: 3 });
  expect(watch.activeSince({ severity: 'page', alertname: 'ShopFails' })).toEqual([1_800_000_002_000]);
  expect(watch.activeSince({ alertname: 'ShopFails' })).toEqual([]);
  expect([watch.intervalMs('ShopFails'), watch.intervalMs('Other')]).toEqual([500, undefined]);
});
