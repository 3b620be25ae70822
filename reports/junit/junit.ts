import { formatFigure, lengthMs } from '../format/figures.ts';
import { SEVERITY, withoutOutcome } from '../format/outcomes.ts';
import type { Check, Outcome, Verdict } from '../model/verdict.ts';
import { problem, properties, seconds } from './parts.ts';
import { element, textElement } from './xml.ts';

/**
 * JUnit XML as CI systems read it: one suite, one case a check.
 *
 * A failed check is a `failure`: the system was measured and is not good enough. An inconclusive one is an `error` of
 * type "inconclusive": the test itself could not be carried out, which is what JUnit means by an error. It must not be
 * "skipped", since CI systems show skipped tests as green.
 *
 * A verdict that is worse than its checks (the run was stopped early, or nothing was checked) gets a case of its own, so that
 * the file is never greener than the verdict. Times are seconds; a check has no duration of its own, so its time is 0.
 */
export function renderJunit(verdict: Verdict): string {
  const { experiment, run, checks } = verdict;
  const name = experiment.name;
  const worst = SEVERITY.find((outcome) => checks.some((check) => check.outcome === outcome));
  const extra = worst === verdict.outcome ? [] : [verdictCase(verdict)];
  const cases = [...checks.map((check) => checkCase(check, verdict)), ...extra];
  const counts = {
    tests: cases.length,
    failures: cases.filter(({ outcome }) => outcome === 'fail').length,
    errors: cases.filter(({ outcome }) => outcome === 'inconclusive').length,
    skipped: 0,
    time: seconds(lengthMs(run)),
  };
  const suite = element('testsuite', { name, ...counts, timestamp: run.startedAt }, [
    properties(suiteProperties(verdict)),
    ...cases.map(({ xml }) => xml),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'cutover', ...counts }, [suite])}\n`;
}

interface Case {
  readonly outcome: Outcome;
  readonly xml: string;
}

function checkCase(check: Check, { experiment, checks }: Verdict): Case {
  const { id, title, outcome, reason, limit, measured, events } = check;
  const classname = classOf(check);
  // CI systems tell cases apart by class and name.
  const ambiguous = checks.some((other) => other !== check && other.title === title && classOf(other) === classname);
  const details = [`limit: ${limit}`, `measured: ${measured}`, `events: ${formatFigure(events, 'count')}`];
  const hint = check.hint === undefined ? [] : [`hint: ${check.hint}`];
  return {
    outcome,
    xml: element(
      'testcase',
      { name: ambiguous ? `${title} (${id})` : title, classname: `${experiment.name}.${classname}`, time: '0' },
      [
        properties(checkProperties(check)),
        ...problem(outcome, reason, [reason, ...details, ...hint].join('\n')),
        textElement('system-out', {}, [reason, ...details].join('\n')),
      ],
    ),
  };
}

/** The kind of check; a drill's also with its name and its edge: "drill.breaker.orders-pricing". */
function classOf({ kind, drill, edge }: Check): string {
  return [kind, ...(kind === 'drill' ? [drill, edge] : [])].filter((part) => part !== undefined).join('.');
}

function verdictCase({ experiment, outcome, summary, stoppedEarly }: Verdict): Case {
  const message = withoutOutcome(summary, outcome);
  const text = stoppedEarly === undefined ? message : `${message}\nstopped early: ${stoppedEarly}`;
  return {
    outcome,
    xml: element(
      'testcase',
      { name: 'the run as a whole', classname: `${experiment.name}.verdict`, time: '0' },
      problem(outcome, message, text),
    ),
  };
}

function suiteProperties({
  cutover,
  outcome,
  summary,
  stoppedEarly,
  run,
}: Verdict): Record<string, string | undefined> {
  return {
    outcome,
    summary,
    'stopped-early': stoppedEarly,
    'run-id': run.id,
    seed: String(run.seed),
    'plan-sha256': run.planSha256,
    'scenario-sha256': run.scenarioSha256,
    'cutover-version': cutover,
  };
}

function checkProperties(check: Check): Record<string, string | undefined> {
  const { id, catalogue, operation, protocol, service, phase, drill, edge } = check;
  const evidence = Object.entries(check.evidence).map(([key, value]) => [`evidence.${key}`, String(value)]);
  return { id, catalogue, operation, protocol, service, phase, drill, edge, ...Object.fromEntries(evidence) };
}
