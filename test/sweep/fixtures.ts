import type { SweepCell, SweepEdge, SweepReport, SweepRow } from '../../reports/model/sweep.ts';
import { HOSTILE, passed } from '../reports/fixtures.ts';

/** One fixed report for each way a sweep can end. */

/** Every edge has an answer, every kind of it a row. */
function complete(): SweepReport {
  const latency = row('latency', 'how late each reply is', [
    cell('latency', '5ms', 'no-effect', { index: 4 }),
    cell('latency', '20ms', 'holds', { index: 6 }),
    broken('latency', '50ms', 1.16, 5),
    broken('latency', '200ms', 4.24, 1),
    broken('latency', '2s', 40.7, 9),
  ]);
  const down = row('down', 'the whole time', [broken('down', '', undefined, 2)]);
  const pause = {
    ...row('pause', 'how long the service stands still', [
      cell('pause', '200ms', 'holds', { index: 3 }),
      broken('pause', '5s', 11.2, 8),
    ]),
    target: 'engine',
  };
  return report({
    outcome: 'pass',
    summary:
      'pass: orders-pricing: mildest fault that breaks a budget: latency 50ms (quotes are fast: p99 58.1 ms of 50 ms)',
    ending: 'complete',
    edges: [
      edge('orders-pricing', {
        answer: 'breaks',
        headline: 'mildest fault that breaks a budget: latency 50ms (quotes are fast: p99 58.1 ms of 50 ms)',
        mildest: { row: 0, cell: 2 },
        rows: [
          {
            ...latency,
            answer: 'breaks',
            settled: true,
            mildest: 2,
            summary: 'breaks from latency 50ms (quotes are fast: p99 58.1 ms of 50 ms)',
          },
          {
            ...down,
            answer: 'breaks',
            settled: true,
            mildest: 0,
            summary: 'breaks from down (no service died: 1 incident, limit no incident)',
          },
          {
            ...pause,
            answer: 'breaks',
            settled: true,
            mildest: 1,
            summary: 'breaks from pause 5s (quotes are fast: p99 560 ms of 50 ms)',
          },
        ],
      }),
      edge('orders-audit', {
        answer: 'holds',
        headline: 'nothing tried breaks it',
        rows: [
          {
            ...row('latency', 'how late each reply is', [cell('latency', '2s', 'holds', { index: 7 })]),
            answer: 'holds',
            summary: 'nothing tried breaks it, up to latency 2s',
          },
        ],
        leftOut: [{ kind: 'kill', why: 'its callee is no service that the harness starts' }],
      }),
    ],
    leftOutBudgets: [
      { title: 'recovery:*:slow', why: 'recovery budgets need another phase, a long one, or an overload' },
    ],
  });
}

/** The time was up: some cells were not measured, one edge has no answer. */
function cutByTime(): SweepReport {
  const notMeasured = (text: string, why = 'not measured: the time was up') =>
    cell('latency', text, 'not-measured', { reason: why, tries: 0 });
  return report({
    outcome: 'inconclusive',
    summary:
      'inconclusive: orders-pricing: mildest fault that breaks a budget: latency 200ms; not settled: latency. store: not measured',
    ending: 'time-limit',
    edges: [
      edge('orders-pricing', {
        answer: 'unknown',
        headline:
          'mildest fault that breaks a budget: latency 200ms (quotes are fast: p99 212 ms of 50 ms); not settled: latency',
        mildest: { row: 0, cell: 2 },
        rows: [
          {
            ...row('latency', 'how late each reply is', [
              notMeasured('20ms'),
              {
                ...cell('latency', '50ms', 'inconclusive', { index: 2, tries: 2 }),
                reason: 'the load generator was healthy: k6 used 91 % of the CPUs for 5 s',
              },
              broken('latency', '200ms', 4.24, 1),
              notMeasured('2s', 'not measured (a milder one breaks)'),
            ]),
            answer: 'breaks',
            settled: false,
            mildest: 2,
            summary:
              'breaks at latency 200ms (quotes are fast: p99 212 ms of 50 ms); the next milder one has no answer',
          },
        ],
      }),
      edge('store', {
        answer: 'unknown',
        headline: 'not measured',
        rows: [
          {
            ...row('latency', 'how late each reply is', [notMeasured('20ms'), notMeasured('2s')]),
            answer: 'open',
            summary: 'not measured',
          },
        ],
      }),
    ],
  });
}

/** Names and messages that try to break every renderer, no figures at all. */
function steadyBroken(): SweepReport {
  const bare: SweepCell = {
    ...cell(HOSTILE.script, HOSTILE.table, 'steady-broken', { index: 1, tries: 2 }),
    reason: `${HOSTILE.lines} ${HOSTILE.xml}`,
    folder: `javascript:alert(1)//${HOSTILE.image}`,
  };
  return {
    ...report({
      outcome: 'inconclusive',
      summary: `inconclusive: ${HOSTILE.image} ${HOSTILE.ansi}`,
      ending: 'steady-broken',
      endingDetail: `${HOSTILE.script} ${HOSTILE.ansi}`,
      edges: [
        {
          ...edge(HOSTILE.script, {
            answer: 'unknown',
            headline: HOSTILE.lines,
            rows: [{ ...row(HOSTILE.image, HOSTILE.table, [bare]), summary: HOSTILE.xml }],
          }),
          from: HOSTILE.image,
          to: HOSTILE.table,
          leftOut: [{ kind: HOSTILE.script, why: HOSTILE.table }],
        },
      ],
      budgets: [HOSTILE.script, HOSTILE.table],
      leftOutBudgets: [{ title: HOSTILE.image, why: HOSTILE.table }],
      notes: [HOSTILE.table, HOSTILE.script],
    }),
    experiment: { name: HOSTILE.script, description: `${HOSTILE.image} ${HOSTILE.lines}` },
  };
}

/** What was known is shown, and all of it has an answer; the sweep has none. */
function aborted(): SweepReport {
  return { ...complete(), outcome: 'inconclusive', ending: 'aborted', summary: 'inconclusive: the sweep was aborted' };
}

function failed(): SweepReport {
  return { ...cutByTime(), ending: 'failed', endingDetail: 'engine: port 8080 is taken' };
}

/** Reports by the name of their golden files. */
export const SWEEP_FIXTURES = {
  'sweep-complete': complete,
  'sweep-time-limit': cutByTime,
  'sweep-steady-broken': steadyBroken,
  'sweep-aborted': aborted,
  'sweep-failed': failed,
} as const;

type Told = Pick<SweepReport, 'outcome' | 'summary' | 'ending' | 'edges'> & Partial<SweepReport>;

function report(told: Told): SweepReport {
  const { cutover, environment, run } = passed();
  const { scenarioSha256: _, ...kept } = run;
  return {
    version: 1,
    cutover,
    experiment: { name: 'peak-load', description: 'What the way to the Rust engine takes while its budgets hold.' },
    run: kept,
    timeLimitMs: 600_000,
    faultMs: 5_000,
    loadMs: 14_000,
    perSecond: 120,
    budgets: ['quotes are fast', 'nothing fails'],
    leftOutBudgets: [],
    notes: ['Each cell is an experiment of its own, with its own report.'],
    environment,
    ...told,
  };
}

function edge(name: string, told: Pick<SweepEdge, 'answer' | 'headline' | 'rows'> & Partial<SweepEdge>): SweepEdge {
  const rows = told.rows.map((one) => (one.target === '' ? { ...one, target: name } : one));
  return { edge: name, from: 'monolith', to: 'engine.grpc', protocol: 'grpc', leftOut: [], ...told, rows };
}

function row(kind: string, intensity: string, cells: readonly SweepCell[]): SweepRow {
  return { kind, intensity, target: '', answer: 'open', settled: false, summary: '', cells: [...cells] };
}

function cell(kind: string, intensity: string, answer: SweepCell['answer'], more: Partial<SweepCell> = {}): SweepCell {
  const { index } = more;
  return {
    intensity,
    strength: 0.5,
    label: intensity === '' ? kind : `${kind} ${intensity}`,
    answer,
    reason: 'every budget held: round trip 0.4 ms → 20.6 ms → 0.4 ms, and the traffic felt it',
    broken: [],
    tries: 1,
    ...(index === undefined ? {} : { folder: `cells/0${index}-orders-pricing-${kind}` }),
    ...more,
  };
}

function broken(kind: string, intensity: string, severity: number | undefined, index: number): SweepCell {
  const told =
    severity === undefined ? '1 incident, limit no incident' : `p99 ${Math.round(severity * 50)} ms of 50 ms`;
  return {
    ...cell(kind, intensity, 'breaks', { index }),
    reason:
      severity === undefined
        ? 'no service died during the run: monolith: exit code 1 (7.4 s after the load’s start)'
        : 'quotes are fast: 12.3 % of 600 under 50 ms, at least 99 % needed',
    broken: [
      {
        title: severity === undefined ? 'no service died during the run' : 'quotes are fast',
        limit: '≥ 99 % under 50 ms',
        measured: '12.3 %',
        reason: '12.3 % of 600 under 50 ms, at least 99 % needed',
        told,
        ...(severity === undefined ? {} : { factor: severity }),
      },
    ],
    ...(severity === undefined ? {} : { severity }),
  };
}
