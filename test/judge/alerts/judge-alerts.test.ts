import { describe, expect, test } from 'vitest';
import { alertsSection } from '../../../lib/judge/alerts/alerts-section.ts';
import { judgeAlerts } from '../../../lib/judge/alerts/judge-alerts.ts';
import type { AlertsObservation, Firing } from '../../../lib/observe/alerts/observation.ts';
import type { Observations, Second } from '../../../lib/observe/observations.ts';
import type { Plan } from '../../../lib/plan/plan.ts';
import type { AlertsPlan, ExpectedAlert } from '../../../lib/plan/schema/alerts.ts';
import { CUT, budgets, healthy, operation, phases, planOf as aPlan, times } from '../builders.ts';

/** 5 s warm-up, 10 s steady, cut from 15 s to 25 s, recovery to 45 s; 100/s. */
const PHASES = phases(['warm-up', 5, 100], ['steady', 10, 100], ['fault', 10, 100], ['recovery', 20, 100]);
const PAGE: ExpectedAlert = {
  alert: 'ShopFails',
  labels: {},
  during: 'cut',
  within: 5_000,
  resolves: 10_000,
  burn: 14.4,
};

function planOf(expected: readonly ExpectedAlert[] = [PAGE], more: Partial<AlertsPlan> = {}): Plan {
  return {
    ...aPlan({
      phases: PHASES,
      faults: [CUT],
      evidence: true,
      budgets: budgets({ kind: 'errors', phase: 'steady', atMost: '0.1%' }),
    }),
    alerts: {
      prometheus: { groups: [], scrape: [], scrapeIntervalMs: 500, evaluationIntervalMs: 500, timeScale: 1 },
      watched: [{ alert: 'ShopFails', lookbackMs: 4_000 }],
      expect: expected,
      quiet: true,
      ...more,
    },
  };
}

function fired(firedMs: number, resolvedMs?: number, labels: Firing['labels'] = {}, alert = 'ShopFails'): Firing {
  return { alert, labels, firedMs, ...(resolvedMs === undefined ? {} : { resolvedMs }) };
}

const RULE = { group: 'shop', name: 'ShopFails', intervalMs: 500, evaluations: 45, longestGapMs: 1_000 };
const SCRAPE = { service: 'monolith', intervalMs: 500, samples: 90, downMs: [], longestGapMs: 500 };

interface Run {
  readonly firings?: readonly Firing[];
  readonly alerts?: Partial<AlertsObservation>;
  readonly more?: Partial<Observations>;
  /** Share of requests that fail by second; default: half of those in the fault. */
  readonly failing?: (t: number) => number;
  readonly change?: (second: Second) => Second;
}

const DURING_FAULT = (t: number) => (t >= 15 && t < 25 ? 0.5 : 0);

function judged(
  plan: Plan,
  { firings = [], alerts = {}, more = {}, failing = DURING_FAULT, change = (same) => same }: Run,
) {
  const observations: Observations = {
    ...healthy(plan, (second) =>
      change({
        ...second,
        operations: [
          operation({
            phase: second.phase,
            okMs: times(Math.round(100 * (1 - failing(second.t))), 5),
            failedMs: times(Math.round(100 * failing(second.t)), 5),
          }),
        ],
      }),
    ),
    alerts: { version: '2.42.0', clockAheadMs: 0, rules: [RULE], scrapes: [SCRAPE], firings, ...alerts },
    ...more,
  };
  const checks = judgeAlerts(plan, observations);
  const of = (id: string) => checks.find((check) => check.id === id);
  return {
    checks,
    observations,
    fires: of('alerts:ShopFails:fires'),
    resolves: of('alerts:ShopFails:resolves'),
    quiet: of('alerts:quiet'),
  };
}

const outcomes = ({ fires, resolves, quiet }: ReturnType<typeof judged>) =>
  [fires, resolves, quiet].map((check) => check?.outcome);

const WELL = [fired(17_000, 30_000)];

test('nothing is checked where nothing is asked for', () => {
  const { alerts: _alerts, ...plan } = planOf();
  expect(judgeAlerts(plan, healthy(plan))).toEqual([]);
});

test('an alert that fires in time, ends in time, and is quiet elsewhere', () => {
  const run = judged(planOf(), { firings: WELL });
  expect(outcomes(run)).toEqual(['pass', 'pass', 'pass']);
  expect(run.checks.map(({ id, catalogue, kind }) => [id, catalogue, kind])).toEqual([
    ['alerts:ShopFails:fires', 'ALR-1', 'alerts'],
    ['alerts:ShopFails:resolves', 'ALR-1', 'alerts'],
    ['alerts:quiet', 'ALR-1', 'alerts'],
  ]);
  expect(run.fires).toMatchObject({ measured: 'after 2 s', evidence: { firedAfterMs: 2_000, clientsBad: 250 } });
  expect(run.resolves).toMatchObject({ measured: 'after 5 s' });
});

describe('fires', () => {
  test.each<[string, Run, 'pass' | 'fail' | 'inconclusive', RegExp]>([
    [
      'silent while clients fail',
      {},
      'fail',
      /did not fire, though clients saw that 250 of 500 of all operations failed/,
    ],
    ['a little before the fault was known to be there', { firings: [fired(14_500, 27_000)] }, 'pass', /0 ms after/],
    ['too late', { firings: [fired(21_000, 30_000)] }, 'fail', /fired only 6 s after/],
    ['silent while clients see nothing', { failing: () => 0 }, 'inconclusive', /clients saw little/],
    [
      'silent while clients see less than what would burn',
      { failing: (t) => (t >= 15 && t < 25 ? 0.01 : 0) },
      'inconclusive',
      /more than 1.44 % were needed/,
    ],
    ['firing already', { firings: [fired(8_000, 30_000)] }, 'inconclusive', /was firing already/],
    ['a fault that nobody felt', { firings: WELL, more: { faults: [] } }, 'inconclusive', /not reached/],
    ['a load that ended before', { more: { loadEndMs: 17_000 } }, 'inconclusive', /ended before it had to fire/],
    ['another alert', { firings: [fired(17_000, 30_000, {}, 'Other')] }, 'fail', /did not fire/],
  ])('%s', (_, run, outcome, reason) => {
    const { fires } = judged(planOf(), run);
    expect(fires).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
  });

  test('late on a machine that was busy with something else is no answer; silent is one', () => {
    const busy = (second: Second): Second => ({
      ...second,
      resources: [
        ...['monolith', 'engine'].map((source) => ({ source, role: 'service' as const, cpuCores: 0.1, rssBytes: 1 })),
        { source: 'machine', role: 'machine', cpuCores: 1.95, rssBytes: 0 },
      ],
    });
    expect(judged(planOf(), { firings: [fired(21_000, 30_000)], change: busy }).fires?.outcome).toBe('inconclusive');
    expect(judged(planOf(), { change: busy }).fires?.outcome).toBe('fail');
  });

  test('only with the labels that are asked for', () => {
    const plan = planOf([{ ...PAGE, labels: { severity: 'page' } }]);
    const firings = [
      fired(16_000, 30_000, { severity: 'ticket' }),
      fired(18_000, 30_000, { severity: 'page', a: 'b' }),
    ];
    const { checks } = judged(plan, { firings });
    expect(checks[0]).toMatchObject({ id: 'alerts:ShopFails:page:fires', outcome: 'pass', measured: 'after 3 s' });
  });
});

describe('resolves', () => {
  test.each<[string, Run, 'pass' | 'fail' | 'inconclusive', RegExp]>([
    ['to the end', { firings: [fired(17_000)] }, 'fail', /still fired when the load ended, 20 s after/],
    ['too late', { firings: [fired(17_000, 36_000)] }, 'fail', /only 11 s after/],
    ['never fired', {}, 'inconclusive', /nothing to resolve/],
    [
      'too late, but the system took its time',
      { firings: [fired(17_000, 36_000)], failing: (t) => (t >= 15 && t < 28 ? 0.5 : 0) },
      'inconclusive',
      /clients saw something wrong until 3 s after it/,
    ],
    [
      'two instances, one after the other',
      { firings: [fired(17_000, 24_000, { a: '1' }), fired(23_000, 34_000)] },
      'pass',
      /9 s after/,
    ],
  ])('%s', (_, run, outcome, reason) => {
    const { resolves } = judged(planOf(), run);
    expect(resolves).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
  });

  test('is not asked for without a bound, and then the alert may stay and come back', () => {
    const { resolves: _bound, ...page } = PAGE;
    const { checks, quiet } = judged(planOf([page]), { firings: [fired(17_000, 36_000), fired(40_000)] });
    expect(checks.map(({ id }) => id)).toEqual(['alerts:ShopFails:fires', 'alerts:quiet']);
    expect(quiet?.outcome).toBe('pass');
  });
});

describe('quiet', () => {
  const also = (firing: Firing): Run => ({ firings: [...WELL, firing] });

  test.each<[string, Run, 'pass' | 'fail' | 'inconclusive', RegExp]>([
    [
      'one before the fault',
      also(fired(3_000, 5_000)),
      'fail',
      /ShopFails fired at 3 s, while clients saw nothing wrong/,
    ],
    [
      'another one long after it',
      also(fired(40_000, 41_000, {}, 'Other')),
      'inconclusive',
      /clients saw something wrong/,
    ],
    ['the same one long after it', also(fired(40_000, 41_000)), 'fail', /fired at 40 s/],
    ['another one while the fault is there', also(fired(20_000, 41_000, {}, 'Other')), 'pass', /none of 1 alert/],
    ['one that was over before the load', also(fired(-9_000, -2_000)), 'pass', /none/],
    ['one that began before the load', also(fired(-9_000, 2_000)), 'inconclusive', /9 s before the load's start/],
    [
      'one that tells the truth',
      { ...also(fired(8_000, 9_000)), failing: (t) => (t === 7 ? 0.02 : DURING_FAULT(t)) },
      'inconclusive',
      /clients saw something wrong too: 2 of \d+ of all operations failed/,
    ],
  ])('%s', (_, run, outcome, reason) => {
    // What is not known of its rules may look back on all of the run.
    const plan = planOf([PAGE], { watched: [{ alert: 'ShopFails', lookbackMs: 4_000 }] });
    const { quiet } = judged(plan, run);
    expect(quiet).toMatchObject({ outcome, reason: expect.stringMatching(reason) as string });
  });

  test('needs some time without a fault', () => {
    const early = { ...CUT, startMs: 2_000, endMs: 40_000 };
    const plan = { ...planOf(), faults: [early] };
    const { quiet } = judged(plan, { firings: [fired(3_000)], failing: (t) => (t >= 2 && t < 40 ? 0.5 : 0) });
    expect(quiet).toMatchObject({ outcome: 'inconclusive', reason: 'only 1 s were without a fault' });
  });

  test('is not asked for when it is off', () => {
    expect(judged(planOf([PAGE], { quiet: false }), { firings: WELL }).quiet).toBeUndefined();
  });

  test('of a load that ended early would only pass', () => {
    const { quiet } = judged(planOf(), { firings: WELL, more: { loadEndMs: 30_000 } });
    expect(quiet).toMatchObject({ outcome: 'inconclusive', reason: expect.stringMatching(/^would pass/) as string });
  });
});

describe('what Prometheus did not see decides nothing', () => {
  test.each<[string, Partial<AlertsObservation>, RegExp]>([
    ['it was not there', { problem: 'it did not answer: gone' }, /could not be watched: it did not answer: gone/],
    ['no rules', { rules: [] }, /has no rules/],
    ['a rule that failed', { rules: [{ ...RULE, error: 'many-to-many' }] }, /ShopFails failed: many-to-many/],
    ['a rule that was never evaluated', { rules: [{ ...RULE, evaluations: 0 }] }, /never evaluated/],
    [
      'a rule that was not evaluated for long',
      { rules: [{ ...RULE, longestGapMs: 3_500 }] },
      /not evaluated for 3.5 s/,
    ],
    ['a service that was not scraped', { scrapes: [{ ...SCRAPE, samples: 0 }] }, /never scraped/],
    ['a gap between scrapes', { scrapes: [{ ...SCRAPE, longestGapMs: 4_000 }] }, /not scraped for 4 s/],
    ['two failed scrapes in a row', { scrapes: [{ ...SCRAPE, downMs: [9_000, 9_500] }] }, /9 s after the load's start/],
  ])('%s', (_, alerts, reason) => {
    const run = judged(planOf(), { firings: [fired(3_000), ...WELL], alerts });
    for (const check of run.checks) {
      expect(check).toMatchObject({ outcome: 'inconclusive', reason: expect.stringMatching(reason) as string });
    }
  });

  test.each<[string, Partial<AlertsObservation>]>([
    ['one failed scrape', { scrapes: [{ ...SCRAPE, downMs: [9_000] }] }],
    ['rules that are evaluated once a minute', { rules: [{ ...RULE, intervalMs: 60_000, longestGapMs: 40_000 }] }],
  ])('but %s is no gap', (_, alerts) => {
    expect(outcomes(judged(planOf(), { firings: WELL, alerts }))).toEqual(['pass', 'pass', 'pass']);
  });

  test('and a service that a fault has ended is not expected to answer', () => {
    const killed = { name: 'cut', kind: 'kill', service: 'monolith', startMs: 15_000, endMs: 25_000 } as const;
    const plan: Plan = { ...planOf(), faults: [killed] };
    const scrapes = [{ ...SCRAPE, downMs: [16_000, 16_500, 26_000, 26_500] }];
    expect(judged(plan, { firings: WELL, alerts: { scrapes } }).quiet?.outcome).toBe('pass');
    expect(judged(planOf(), { firings: WELL, alerts: { scrapes } }).quiet?.outcome).toBe('inconclusive');
  });

  test('and neither does a run in which nobody watched', () => {
    const { alerts: _alerts, ...observations } = judged(planOf(), { firings: WELL }).observations;
    expect(judgeAlerts(planOf(), observations).map(({ outcome }) => outcome)).toEqual(times(3, 'inconclusive'));
  });
});

test('ids stay apart when one alert is expected twice', () => {
  const plan = planOf([PAGE, { ...PAGE, during: 'recovery', within: 1_000 }]);
  expect(judged(plan, {}).checks.map(({ id }) => id)).toEqual([
    'alerts:ShopFails:cut:fires',
    'alerts:ShopFails:cut:resolves',
    'alerts:ShopFails:recovery:fires',
    'alerts:ShopFails:recovery:resolves',
    'alerts:quiet',
  ]);
});

test('the report shows what was expected, what came, and how long it took', () => {
  const plan = planOf();
  const { checks, observations } = judged(plan, { firings: [fired(3_000, 4_000, { a: 'b' }, 'Other'), ...WELL] });
  const section = alertsSection(plan, observations, checks);
  expect(section).toMatchObject({
    id: 'alerts',
    note: 'Prometheus 2.42.0 evaluated 1 rule (45 evaluations were seen) and scraped monolith 90 times.',
    checks: ['alerts:ShopFails:fires', 'alerts:ShopFails:resolves', 'alerts:quiet'],
  });
  expect(section?.details).toEqual([
    {
      kind: 'table',
      title: 'When alerts fired',
      columns: ['alert', 'expected', 'fired at', 'resolved at'],
      rows: [
        ['ShopFails', 'cut: within 5 s, ends within 10 s', '17 s', '30 s'],
        ['Other {a=b}', 'never', '3 s', '4 s'],
      ],
    },
    {
      kind: 'stages',
      title: 'ShopFails and cut',
      stages: [
        { name: 'until it fires', startMs: 15_000, endMs: 17_000, detail: '2 s' },
        { name: 'fires', startMs: 17_000, endMs: 25_000, detail: '8 s' },
        { name: 'until it resolves', startMs: 25_000, endMs: 30_000, detail: '5 s' },
      ],
      limitMs: 35_000,
    },
  ]);
});
