import type { Check } from '../../../reports/model/verdict.ts';
import type { FinalFindings, HistoryCheck, HistoryObservation, Violations } from '../../observe/history/observation.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import type { FinalPlan, HistoryPlan } from '../../plan/schema/history.ts';
import type { Finding, Subject } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { safely } from '../safely.ts';
import { count, exactMilliseconds, milliseconds } from '../words.ts';

export { historySection } from './history-section.ts';

/** With fewer rows that must stand after another one, nothing is said about order. */
const LEAST_ORDERED = 20;
/** Ids that a check's evidence names; the report's table has more. */
const NAMED = 3;

type FinalCheckName = Exclude<HistoryCheck, 'stale'>;

const FINAL_CHECKS: Readonly<Record<FinalCheckName, string>> = {
  lost: 'no acknowledged write is lost',
  unexpected: 'nothing is there that was not written',
  duplicated: 'nothing is there twice',
  corrupt: 'what is there is what was written',
  reordered: 'writes are in the order in which they were acknowledged',
};

/** Every write that the load attempts, against what is there at the end: lost, unexpected, duplicated, corrupt, reordered, stale (RBK-1). None where the plan doesn't ask for it. */
export function judgeHistory({ history }: Plan, { history: seen }: Observations): readonly Check[] {
  if (history === undefined) return [];
  const finals = Object.entries(history.finals).flatMap(([name, final]) =>
    checksOf(final).map((check) =>
      safely(subjectOf(check, history.limits[check], name), () => {
        const findings = seen?.findings?.finals.find((of) => of.name === name);
        return notRead(name, seen, findings) ?? judgeFinal(check, history, seen, findings as FinalFindings);
      }),
    ),
  );
  if (history.reads === undefined) return finals;
  const { within, minReads } = history.reads;
  return [
    ...finals,
    safely(
      {
        id: 'history:stale',
        title: 'reads show what was acknowledged before',
        kind: 'history',
        catalogue: 'RBK-1',
        limit: `${atMost(history.limits.stale)} later than ${exactMilliseconds(within)} after the acknowledgement`,
      },
      () => judgeReads(minReads, history.limits.stale, seen),
    ),
  ];
}

/** What can be said of a final state with these fields. */
function checksOf({ fields }: FinalPlan): readonly FinalCheckName[] {
  return [
    'lost',
    'unexpected',
    'duplicated',
    ...(fields.value === undefined && fields.account === undefined ? [] : (['corrupt'] as const)),
    ...(fields.order === undefined ? [] : (['reordered'] as const)),
  ];
}

function subjectOf(check: FinalCheckName, limit: number, name: string): Subject {
  return {
    id: `history:${name}:${check}`,
    title: `${name}: ${FINAL_CHECKS[check]}`,
    kind: 'history',
    catalogue: 'RBK-1',
    limit: `${atMost(limit)} ${check}`,
  };
}

function atMost(limit: number): string {
  return limit === 0 ? 'none' : `at most ${limit}`;
}

/** Never read: nothing is known. */
function notRead(
  name: string,
  seen: HistoryObservation | undefined,
  findings: FinalFindings | undefined,
): Finding | undefined {
  const read = seen?.finals.find((final) => final.name === name);
  if (seen === undefined || read === undefined) return inconclusive('the final state was never read');
  if (read.problem !== undefined) {
    return inconclusive(`the final state could not be read: ${read.problem}`, {
      hint: "see the experiment's `history.finals`, and the services' logs in the run folder",
    });
  }
  if (findings === undefined) {
    return inconclusive(`the writes could not be compared with it: ${seen.problem ?? 'there is no record of them'}`);
  }
  return undefined;
}

function judgeFinal(
  check: FinalCheckName,
  { limits, minAcknowledged }: HistoryPlan,
  seen: HistoryObservation | undefined,
  findings: FinalFindings,
): Finding {
  const { writes, rows, matched, violations } = findings;
  const broken = violations[check] ?? { count: 0, first: [] };
  const result = {
    measured: `${broken.count} of ${eventsOf(check, findings)}`,
    events: eventsOf(check, findings),
    evidence: figures({ ...countsOf(findings), violations: broken.count, ...named(broken) }),
  };
  const doubt = doubtOf(check, seen, findings);
  if (broken.count > limits[check]) {
    const reason = `${wordsOf(check, broken.count)}: ${idsOf(broken)}`;
    if (doubt !== undefined)
      return inconclusive(`would fail (${reason}), but ${doubt.reason}`, { ...result, hint: doubt.hint });
    return { outcome: 'fail', reason, hint: 'the table of writes has their time lines', ...result };
  }
  if (doubt !== undefined) return inconclusive(doubt.reason, { ...result, hint: doubt.hint });
  if (writes.acknowledged < minAcknowledged) {
    return inconclusive(`${count(writes.acknowledged, 'write')} acknowledged, at least ${minAcknowledged} are needed`, {
      ...result,
      hint: 'check that the scenario records its writes, and `history.writes`',
    });
  }
  if (check === 'corrupt' && findings.compared < minAcknowledged) {
    const hint =
      "the scenario must record an account or a value with each write, as the final state's `fields` show them";
    return inconclusive(`only ${count(findings.compared, 'row')} could be compared`, { ...result, hint });
  }
  if (check === 'reordered' && findings.ordered < LEAST_ORDERED) {
    return inconclusive(`only ${count(findings.ordered, 'row')} had to stand after another one`, {
      ...result,
      hint: 'more writes to fewer accounts have an order',
    });
  }
  const few = broken.count === 0 ? 'none' : `${broken.count}, as many as there may be,`;
  const reason = `${few} among ${count(writes.acknowledged, 'acknowledged write')} and ${count(rows, 'row')} (${matched} of them the run's)`;
  return { outcome: 'pass', reason, ...result };
}

/** What makes it unclear whether something was wrong with the system. */
function doubtOf(
  check: FinalCheckName,
  seen: HistoryObservation | undefined,
  findings: FinalFindings,
): { readonly reason: string; readonly hint?: string } | undefined {
  const { matched, strangers, unidentified, writes } = findings;
  const restless = seen?.settled.filter(({ settled }) => !settled) ?? [];
  if (matched === 0 && strangers.length > 0) {
    return {
      reason: `none of the rows is a write of the run; their ids are like ${strangers.join(', ')}`,
      hint: 'check the `fields.id` of the final state, and the `identity` of its kinds of writes',
    };
  }
  if (check === 'lost' && restless.length > 0) {
    const told = restless.map(({ title, value, tookMs }) => `${title} read ${value} after ${milliseconds(tookMs)}`);
    return {
      reason: `the system did not settle: ${told.join('; ')}`,
      hint: '`history.settleWithin` is how long it may take',
    };
  }
  if (check === 'lost' && unidentified > 0) {
    return {
      reason: `${unidentified} of ${writes.acknowledged} acknowledged writes have no id to find them by`,
      hint: 'with the identity "id", recordWrite\'s call must return the id that was acknowledged',
    };
  }
  const damaged = seen?.findings?.damaged ?? 0;
  if (check === 'unexpected' && damaged > 0) {
    return { reason: `${count(damaged, 'line')} of writes.ndjson could not be read`, hint: 'was its disk full?' };
  }
  return undefined;
}

function judgeReads(minReads: number, limit: number, seen: HistoryObservation | undefined): Finding {
  if (seen?.findings === undefined) {
    return inconclusive(`the reads could not be compared: ${seen?.problem ?? 'there is no record of them'}`);
  }
  const { count: reads, violations } = seen.findings.reads;
  const result = {
    measured: `${violations.count} of ${reads}`,
    events: reads,
    evidence: figures({ reads, violations: violations.count, ...named(violations) }),
  };
  if (violations.count > limit) {
    const reason = `${count(violations.count, 'read')} showed too little: ${idsOf(violations)}`;
    return { outcome: 'fail', reason, hint: 'the table of writes has their time lines', ...result };
  }
  if (reads < minReads) {
    return inconclusive(`${count(reads, 'read')} recorded, at least ${minReads} are needed`, {
      ...result,
      hint: 'the scenario records them with recordRead of cutover/support/ledger',
    });
  }
  return { outcome: 'pass', reason: `${count(reads, 'read')} showed all that they had to`, ...result };
}

/** Behind each figure: writes that had to be there, rows that had to be somebody's, rows that could be compared. */
function eventsOf(check: FinalCheckName, { writes, rows, compared, ordered }: FinalFindings): number {
  switch (check) {
    case 'lost':
      return writes.acknowledged;
    case 'unexpected':
    case 'duplicated':
      return rows;
    case 'corrupt':
      return compared;
    case 'reordered':
      return ordered;
    default:
      return check satisfies never;
  }
}

function wordsOf(check: FinalCheckName, amount: number): string {
  switch (check) {
    case 'lost':
      return `${count(amount, 'acknowledged write')} lost`;
    case 'unexpected':
      return `${count(amount, 'row')} that nobody has written`;
    case 'duplicated':
      return `${count(amount, 'write')} there more than once`;
    case 'corrupt':
      return `${count(amount, 'row')} not as written`;
    case 'reordered':
      return `${count(amount, 'write')} after one that was attempted later`;
    default:
      return check satisfies never;
  }
}

function countsOf({ writes, rows, matched, before, foreign, unrecorded }: FinalFindings) {
  return {
    ...writes,
    rows,
    matchedRows: matched,
    rowsBefore: before,
    rowsOfOthers: foreign,
    rowsUnrecorded: unrecorded,
  };
}

function named({ first }: Violations): { readonly ids?: string } {
  return first.length === 0
    ? {}
    : {
        ids: first
          .slice(0, NAMED)
          .map(({ id }) => id)
          .join(', '),
      };
}

function idsOf({ count: amount, first }: Violations): string {
  const ids = first.slice(0, NAMED).map(({ id, found }) => `${id} (${found})`);
  return `${ids.join(', ')}${amount > ids.length ? ', …' : ''}`;
}
