import type { Check, Section } from '../../../reports/model/verdict.ts';
import type { Observations } from '../../observe/observations.ts';
import type { Plan } from '../../plan/plan.ts';
import { judgeConnected } from './connected.ts';
import { judgeLogs } from './logs.ts';
import { judgeMalformed } from './malformed.ts';
import { drawSection } from './section.ts';
import { subjectOf } from './subject.ts';

/** One connected trace for each request, and one story in the logs (TRC-1, LOG-1). None where the plan doesn't ask for it. */
export function judgeTraces(plan: Plan, observations: Observations): readonly Check[] {
  const subject = subjectOf(plan, observations);
  return subject === undefined ? [] : [...judgeConnected(subject), ...judgeMalformed(subject), ...judgeLogs(subject)];
}

/** The report's part about it. */
export function tracesSection(plan: Plan, observations: Observations, checks: readonly Check[]): Section | undefined {
  const subject = subjectOf(plan, observations);
  return subject === undefined ? undefined : drawSection(subject, checks);
}
