import { lengthMs } from '../format/figures.ts';
import { ANSWERS, endingText } from '../format/sweep.ts';
import type { SweepCell, SweepEdge, SweepReport } from '../model/sweep.ts';
import { problem, properties, seconds } from './parts.ts';
import { element, textElement } from './xml.ts';

/**
 * junit.xml of a fault sweep: one case an edge, which is an error where the edge has no answer, and never a failure. Cells are
 * no cases of their own: those that break are what was looked for, and would be shown as failures.
 */
export function renderSweepJunit(report: SweepReport): string {
  const { experiment, run, edges } = report;
  const outcomes = edges.map(({ answer }) => (answer === 'unknown' ? 'inconclusive' : 'pass'));
  // A sweep that ended before its end is no green suite, whatever was known by then.
  const unfinished = report.outcome === 'inconclusive' && !outcomes.includes('inconclusive');
  const counts = {
    tests: edges.length + (unfinished ? 1 : 0),
    failures: 0,
    errors: outcomes.filter((outcome) => outcome !== 'pass').length + (unfinished ? 1 : 0),
    skipped: 0,
    time: seconds(lengthMs(run)),
  };
  const classname = `${experiment.name}.sweep`;
  const cases = edges.map((edge) => {
    const message = edge.headline;
    const outcome = edge.answer === 'unknown' ? 'inconclusive' : 'pass';
    return element('testcase', { name: `the mildest fault that breaks ${edge.edge}`, classname }, [
      ...problem(outcome, message, [message, endingText(report)].join('\n')),
      textElement('system-out', {}, logOf(edge)),
    ]);
  });
  const ending = [endingText(report), report.endingDetail ?? ''].filter((text) => text !== '').join('\n');
  const end = element(
    'testcase',
    { name: 'the sweep ran to its end', classname },
    problem('inconclusive', ending, ending),
  );
  const suite = element('testsuite', { name: experiment.name, ...counts, timestamp: run.startedAt }, [
    properties(suiteProperties(report)),
    ...cases,
    ...(unfinished ? [end] : []),
  ]);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'cutover', ...counts }, [suite])}\n`;
}

function logOf({ headline, rows }: SweepEdge): string {
  const cells = rows.flatMap((row) => row.cells);
  return [headline, ...cells.map(line)].join('\n');
}

function line({ label, answer, reason }: SweepCell): string {
  return `${label}: ${ANSWERS[answer].word}, ${reason}`;
}

function suiteProperties(report: SweepReport): Record<string, string | undefined> {
  const { outcome, summary, ending, run, cutover, edges } = report;
  return {
    outcome,
    summary,
    ending,
    ...Object.fromEntries(edges.map(({ edge, headline }) => [`mildest:${edge}`, headline])),
    'run-id': run.id,
    seed: String(run.seed),
    'plan-sha256': run.planSha256,
    'cutover-version': cutover,
  };
}
