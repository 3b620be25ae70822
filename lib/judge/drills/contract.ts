import type { Check, Detail } from '../../../reports/model/verdict.ts';
import type { ContractCall, ContractChanges, ContractRecord } from '../../../chaos/drills/contract.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type ContractDrill = ReleaseDrill<Drill<'contract'>>;
type Target = Drill<'contract'>['targets'][number];
type Protocol = ContractCall['protocol'];

const MOST_NAMED = 5;
const MOST_ROWS = 100;

/** CON-1: the previous contract's client against each target, and what changed since that contract. */
export function judgeContract(subject: ContractDrill): readonly Check[] {
  const { openapi, proto, targets } = subject.drill;
  const works = (target: Target, protocol: Protocol) =>
    releaseCheck(
      subject,
      {
        id: `${target.name}-${protocol}`,
        catalogue: 'CON-1',
        title: `${target.name} serves clients of the previous ${protocol === 'http' ? 'OpenAPI' : '.proto'}`,
        limit: 'every call is answered as the previous contract says',
        steps: [target.name],
      },
      () => serves(subject, target, protocol),
    );
  const compatible = (id: 'openapi' | 'proto', title: string) =>
    releaseCheck(
      subject,
      { id: `${id}-changes`, catalogue: 'CON-1', title, limit: 'no change that breaks clients', steps: [] },
      () => hasNoBreak(subject, id),
    );
  return [
    ...targets.flatMap((target) => [
      ...(openapi !== undefined && target.http !== undefined ? [works(target, 'http')] : []),
      ...(proto !== undefined && target.grpc !== undefined ? [works(target, 'grpc')] : []),
    ]),
    ...(openapi?.current === undefined ? [] : [compatible('openapi', 'the OpenAPI document stays compatible')]),
    ...(proto?.current === undefined ? [] : [compatible('proto', 'the .proto files stay compatible')]),
  ];
}

function serves(subject: ContractDrill, target: Target, protocol: Protocol): Finding {
  const calls = (recordOf(subject)?.calls ?? []).filter(
    (call) => call.target === target.name && call.protocol === protocol,
  );
  const planned = plannedCalls(subject.drill, target, protocol);
  const missing = planned.filter((operation) => calls.every((call) => call.operation !== operation));
  const unanswered = calls.filter(({ answered }) => !answered);
  const wrong = calls.flatMap((call) => problemsOf(subject.drill, call));
  const result = {
    measured: `${calls.length - new Set(wrong.map(({ call }) => call)).size} of ${count(calls.length, 'call')} as the contract says`,
    events: calls.length,
    evidence: figures({
      calls: calls.length,
      unanswered: unanswered.length,
      problems: wrong.length,
      operations: wrong.length === 0 ? undefined : [...new Set(wrong.map(({ call }) => call.operation))].join(', '),
      fields: wrong.length === 0 ? undefined : [...new Set(wrong.map(({ field }) => field))].join(', '),
    }),
  };
  if (wrong.length > 0) {
    const texts = [...new Set(wrong.map(({ call, field, text }) => `${call.operation} ${field}: ${text}`))];
    const more = texts.length > MOST_NAMED ? `; and ${texts.length - MOST_NAMED} more` : '';
    return { outcome: 'fail', reason: `${texts.slice(0, MOST_NAMED).join('; ')}${more}`, ...result };
  }
  if (missing.length > 0) return inconclusive(`not called: ${missing.join(', ')}`, result);
  if (unanswered.length > 0) {
    const texts = unanswered.map(({ operation, status }) => `${operation} (${status})`);
    return inconclusive(`not answered: ${[...new Set(texts)].join(', ')}`, {
      ...result,
      hint: 'check the address of the target, its token, and the calls that others need answers of',
    });
  }
  if (calls.length === 0) return inconclusive('the target serves none of the calls', { hint: 'check `only`' });
  return {
    outcome: 'pass',
    reason: `${count(calls.length, 'call')}, each answered as the previous contract says`,
    ...result,
  };
}

function hasNoBreak(subject: ContractDrill, id: 'openapi' | 'proto'): Finding {
  const known = recordOf(subject)?.[`${id}Changes`];
  if (known === undefined) return inconclusive('the contracts were not compared');
  if (known.problem !== undefined) {
    return inconclusive(
      `the contracts could not be compared: ${known.problem}`,
      known.hint === undefined ? {} : { hint: known.hint },
    );
  }
  const changes = notAllowed(subject.drill, id, known);
  const [sure, unsure] = [changes.filter(({ certain }) => certain), changes.filter(({ certain }) => !certain)];
  const allowed = known.changes.length - changes.length;
  const result = {
    measured: `${count(sure.length, 'breaking change')}${allowed > 0 ? `, ${allowed} allowed` : ''}`,
    events: known.changes.length,
    evidence: figures({
      breaking: sure.length,
      unclear: unsure.length,
      allowed,
      rules: changes.length === 0 ? undefined : [...new Set(changes.map(({ rule }) => rule))].join(', '),
      places:
        changes.length === 0
          ? undefined
          : changes
              .map(({ where }) => where)
              .slice(0, MOST_NAMED)
              .join(', '),
    }),
  };
  const told = (list: ContractChanges['changes']) =>
    `${list
      .slice(0, MOST_NAMED)
      .map(({ rule, where, text }) => `${rule} ${where}: ${text}`)
      .join('; ')}${list.length > MOST_NAMED ? `; and ${list.length - MOST_NAMED} more` : ''}`;
  if (sure.length > 0) return { outcome: 'fail', reason: told(sure), ...result };
  if (unsure.length > 0) {
    const hint = 'look at them, and name them in `allow` if old clients do not mind';
    return inconclusive(`it cannot be told whether these break anything: ${told(unsure)}`, { ...result, hint });
  }
  const reason =
    allowed === 0 ? 'nothing changed that breaks clients' : `only what is allowed: ${count(allowed, 'change')}`;
  return { outcome: 'pass', reason, ...result };
}

function plannedCalls({ openapi, proto }: Drill<'contract'>, { only }: Target, protocol: Protocol): readonly string[] {
  const all =
    protocol === 'http' ? openapi?.calls.map(({ operation }) => operation) : proto?.calls.map(({ method }) => method);
  return (all ?? []).filter((operation) => only?.includes(operation) !== false);
}

function problemsOf(drill: Drill<'contract'>, call: ContractCall) {
  const allow = (call.protocol === 'http' ? drill.openapi : drill.proto)?.allow ?? [];
  return call.problems
    .filter(({ field }) => !isAllowed({ rule: call.operation, where: field }, allow))
    .map((problem) => ({ call, ...problem }));
}

function notAllowed(drill: Drill<'contract'>, id: 'openapi' | 'proto', { changes }: ContractChanges) {
  return changes.filter((change) => !isAllowed(change, drill[id]?.allow ?? []));
}

/** By rule, by place, or both with a blank in between. */
function isAllowed(
  { rule, where }: { readonly rule: string; readonly where: string },
  allow: readonly string[],
): boolean {
  return allow.some((entry) => entry === rule || entry === where || entry === `${rule} ${where}`);
}

function recordOf(subject: ContractDrill): ContractRecord | undefined {
  return seenBy(subject)?.records?.contract;
}

/** What a report shows of it beside its checks: every call, and every change. */
export function pictureContract(subject: ContractDrill): ReleasePicture {
  const record = recordOf(subject);
  const calls = record?.calls ?? [];
  const rows = calls.map(({ target, protocol, operation, extent, status, problems }) => [
    target,
    protocol,
    operation,
    extent,
    status,
    problems.length === 0 ? '–' : problems.map(({ field, text }) => `${field}: ${text}`).join('; '),
  ]);
  const details: Detail[] = [
    {
      kind: 'table',
      title: "Calls of the previous contract's clients",
      columns: ['target', 'protocol', 'operation', 'sent', 'status', 'against the contract'],
      // Those that went wrong first.
      rows: rows.toSorted((a, b) => Number(a[5] === '–') - Number(b[5] === '–')).slice(0, MOST_ROWS),
    },
  ];
  const changes = (['openapi', 'proto'] as const).flatMap((id) => {
    const known = record?.[`${id}Changes`];
    const kept = known === undefined ? [] : notAllowed(subject.drill, id, known);
    return (known?.changes ?? []).map((change) => [
      change.rule,
      change.where,
      change.text,
      kept.includes(change) ? (change.certain ? 'breaks' : 'unclear') : 'allowed',
    ]);
  });
  if (changes.length > 0) {
    const columns = ['rule', 'where', 'what', 'outcome'];
    details.push({
      kind: 'table',
      title: 'Changes since the previous contract',
      columns,
      rows: changes.slice(0, MOST_ROWS),
    });
  }
  return { marks: [], details };
}
