import type { Check, Section } from '../../reports/model/verdict.ts';
import type { Observations } from '../observe/observations.ts';
import type { Plan } from '../plan/plan.ts';
import { alertsSection } from './alerts/alerts-section.ts';
import { historySection } from './history/judge-history.ts';
import { tracesSection } from './traces/judge-traces.ts';

/** The report's parts about what is checked over the whole run. */
export function sectionsOf(plan: Plan, observations: Observations, checks: readonly Check[]): Section[] {
  return [historySection, tracesSection, alertsSection].flatMap((section) => section(plan, observations, checks) ?? []);
}
