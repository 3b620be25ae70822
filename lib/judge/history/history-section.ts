import type { Check, Detail, Section } from '../../../reports/model/verdict.ts';
import type { FinalFindings, HistoryCheck, Violation } from '../../observe/history/observation.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import { count, exactMilliseconds, milliseconds } from '../words.ts';

/** Of one table; all are in the run folder. */
const SHOWN = 50;
const VIOLATIONS_FILE = 'violations.ndjson';

/** The report's part about it: how the final states compare with what was written, and every offending write's time line. */
export function historySection(plan: Plan, observations: Observations, checks: readonly Check[]): Section | undefined {
  const { history: seen } = observations;
  if (plan.history === undefined || seen === undefined) return undefined;
  const { findings } = seen;
  const finals = findings?.finals ?? [];
  const settled = seen.settled.map(({ title, tookMs, settled: is, value }) =>
    is
      ? `${title} read ${value} after ${milliseconds(tookMs)}`
      : `${title} still read ${value} after ${milliseconds(tookMs)}`,
  );
  const { attempted = 0, acknowledged = 0, refused = 0, indeterminate = 0 } = findings?.writes ?? {};
  return {
    id: 'history',
    title: 'Writes',
    note: [
      `${count(attempted, 'write')} attempted: ${acknowledged} acknowledged, ${refused} refused, ${indeterminate} that may have been done or not.`,
      ...(settled.length === 0 ? [] : [`${settled.join('; ')}.`]),
    ].join(' '),
    checks: checks.filter(({ kind }) => kind === 'history').map(({ id }) => id),
    details: [
      ...(finals.length === 0 ? [] : [finalsTable(finals, seen.finals)]),
      ...finals.flatMap(({ name, violations }) =>
        offenders(`${name}: writes that are not as they should be`, Object.values(violations), plan, observations),
      ),
      ...offenders(
        'Reads that showed too little',
        findings === undefined ? [] : [findings.reads.violations],
        plan,
        observations,
      ),
    ],
  };
}

function finalsTable(
  finals: readonly FinalFindings[],
  reads: readonly { readonly name: string; readonly startMs: number; readonly endMs: number }[],
): Detail {
  return {
    kind: 'table',
    title: 'Final states',
    columns: [
      'final state',
      'read',
      'rows',
      "the run's",
      'there before',
      "others'",
      'acknowledged',
      'lost',
      'unexpected',
      'duplicated',
      'corrupt',
      'reordered',
    ],
    rows: finals.map(({ name, rows, matched, before, foreign, writes, violations }) => {
      const read = reads.find((of) => of.name === name);
      const of = (check: HistoryCheck) => violations[check]?.count ?? 0;
      return [
        name,
        read === undefined ? '–' : `at ${exactMilliseconds(Math.round(read.endMs))}`,
        ...[rows, matched, before, foreign, writes.acknowledged].map(String),
        ...(['lost', 'unexpected', 'duplicated', 'corrupt', 'reordered'] as const).map((check) => String(of(check))),
      ];
    }),
  };
}

function offenders(
  title: string,
  lists: readonly { readonly count: number; readonly first: readonly Violation[] }[],
  plan: Plan,
  observations: Observations,
): Detail[] {
  const all = lists.reduce((sum, { count: amount }) => sum + amount, 0);
  if (all === 0) return [];
  // Some of each kind, however many there are of one.
  const most = Math.ceil(SHOWN / lists.filter(({ count: amount }) => amount > 0).length);
  const shown = lists.flatMap(({ first }) => first.slice(0, most)).slice(0, SHOWN);
  return [
    {
      kind: 'table',
      title,
      columns: ['what', 'id', 'key', 'account', 'attempted', 'acknowledged', 'by', 'during', 'found'],
      rows: shown.map((violation) => rowOf(violation, plan, observations)),
      ...(all > shown.length ? { more: { rows: all - shown.length, file: VIOLATIONS_FILE } } : {}),
    },
  ];
}

function rowOf(violation: Violation, plan: Plan, observations: Observations): string[] {
  const { check, id, key, account, attemptedMs, acknowledgedMs, state, vu, operation, kind, found } = violation;
  const by = [...(vu === undefined ? [] : [`user ${vu}`]), operation ?? kind].filter((text) => text !== undefined);
  return [
    check,
    id,
    key === undefined || key === id ? '–' : key,
    account ?? '–',
    time(attemptedMs),
    acknowledgedMs === undefined ? (state ?? '–') : time(acknowledgedMs),
    by.length === 0 ? '–' : by.join(', '),
    attemptedMs === undefined ? '–' : during(attemptedMs, plan, observations),
    found,
  ];
}

function time(ms: number | undefined): string {
  return ms === undefined ? '–' : `${(ms / 1_000).toFixed(3)} s`;
}

/** The phase (a drill's step is one), and the faults that were in force. */
function during(atMs: number, plan: Plan, { faults }: Observations): string {
  const phase = plan.load.phases.find(({ startMs, endMs }) => startMs <= atMs && atMs < endMs)?.name;
  const inForce = faults.filter(
    ({ injectedMs, removedMs = Infinity }) => injectedMs !== undefined && injectedMs <= atMs && atMs <= removedMs,
  );
  return [phase ?? (atMs < 0 ? 'before the load' : 'after the last phase'), ...inForce.map(({ name }) => name)].join(
    ', ',
  );
}
