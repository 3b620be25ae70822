import { bracketText, endingText, headroomText } from '../format/capacity.ts';
import { formatFigure, lengthMs } from '../format/figures.ts';
import { withoutOutcome } from '../format/outcomes.ts';
import type { CapacityReport } from '../model/capacity.ts';
import { problem, properties, seconds } from './parts.ts';
import { element, textElement } from './xml.ts';

/**
 * junit.xml of a capacity search: one case, the answer. Probes are no cases of their own: those that do not hold are how the
 * bound is found, and would be shown as failures. Failure and error mean what they mean in a run's junit.xml.
 */
export function renderCapacityJunit(report: CapacityReport): string {
  const { experiment, run, outcome, summary, probes } = report;
  const counts = {
    tests: 1,
    failures: outcome === 'fail' ? 1 : 0,
    errors: outcome === 'inconclusive' ? 1 : 0,
    skipped: 0,
    time: seconds(lengthMs(run)),
  };
  const message = withoutOutcome(summary, outcome);
  const log = [
    message,
    endingText(report),
    ...probes.map(
      (probe) =>
        `probe ${probe.index}, ${formatFigure(probe.perSecond, 'perSecond')}: ${probe.outcome}, ${probe.reason}`,
    ),
  ].join('\n');
  const answer = element(
    'testcase',
    { name: 'the highest rate that holds', classname: `${experiment.name}.capacity`, time: counts.time },
    [...problem(outcome, message, [message, endingText(report)].join('\n')), textElement('system-out', {}, log)],
  );
  const suite = element('testsuite', { name: experiment.name, ...counts, timestamp: run.startedAt }, [
    properties(suiteProperties(report)),
    answer,
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'cutover', ...counts }, [suite])}\n`;
}

function suiteProperties(report: CapacityReport): Record<string, string | undefined> {
  const { outcome, summary, ending, lastPassPerSecond, firstFailPerSecond, run, cutover } = report;
  const figure = (value: number | undefined) => (value === undefined ? undefined : String(value));
  return {
    outcome,
    summary,
    ending,
    holds: bracketText(report),
    'last-pass-per-second': figure(lastPassPerSecond),
    'first-fail-per-second': figure(firstFailPerSecond),
    headroom: headroomText(report),
    'limiting-budget': report.limitingBudget,
    'saturated-resource': report.saturatedResource,
    'run-id': run.id,
    seed: String(run.seed),
    'plan-sha256': run.planSha256,
    'cutover-version': cutover,
  };
}
