/** The judge phase's face: pure functions from (plan, observations) to checks and the verdict. */
export { judge, judgePhase } from './checks.ts';
export { overall, summarise } from './overall.ts';
export { assembleVerdict } from './verdict.ts';
export type { VerdictInput } from './verdict.ts';
