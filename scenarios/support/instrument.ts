import exec from 'k6/execution';
import { Counter, Trend } from 'k6/metrics';
import { dueTimes } from './due-times.ts';
import { iteration } from './iteration.ts';
import { LOAD_STARTED } from './load-started.ts';
import { type Profile, arrivals, phaseAt } from './profile.ts';

/** What a k6 script may export. Everything is optional but the iteration. */
export interface Script {
  readonly options?: Record<string, unknown>;
  readonly setup?: () => unknown;
  readonly teardown?: (data: unknown) => unknown;
  readonly default: (data: unknown) => unknown;
}

/** What decides how a script is driven: the harness's profile replaces these of its options. */
const REPLACED = ['scenarios', 'stages', 'vus', 'duration', 'iterations', 'thresholds'];
/** Times have whole milliseconds, the start's and the iteration's: a lag of two may be none. */
const CLOCK_MS = 2;
/** k6 activates its virtual users after the scenario's start and before its first arrival: about 0.04 ms each, measured on 2 cores. */
const ACTIVATION_MS = { atMost: 10, perVu: 0.1 };

const exceptions = new Counter('cutover_exceptions');
const startLag = new Trend('cutover_start_lag', true);

/** The script's options with the harness's profile in place of its own. */
export function drivenOptions(script: Script, profile: Profile): Record<string, unknown> {
  const own = Object.entries(script.options ?? {}).filter(([key]) => !REPLACED.includes(key));
  return { ...Object.fromEntries(own), scenarios: { load: arrivals(profile) } };
}

/**
 * The script's iteration, with what the harness needs around it: every metric of an iteration carries the phase in which
 * it started, settings follow the phase, an exception is counted (k6 only logs it), the first iteration of all tells when
 * the load started, and each tells how late it started.
 */
export function drivenIteration(script: Script, profile: Profile): (data: unknown) => unknown {
  const due = dueTimes(profile);
  const variables = phaseVariables();
  iteration.limits = profile.limits ?? [];
  let phase: string | undefined;
  let first = true;
  let beginMs = ACTIVATION_MS.atMost + ACTIVATION_MS.perVu * profile.maxVUs;
  return (data) => {
    const { startTime, iterationInTest } = exec.scenario;
    const elapsedMs = Date.now() - startTime;
    if (first) {
      first = false;
      if (iterationInTest === 0) console.log(JSON.stringify({ [LOAD_STARTED]: startTime }));
    }
    const now = phaseAt(profile.phases, elapsedMs);
    if (now !== phase) {
      phase = now;
      exec.vu.metrics.tags['phase'] = phase;
      iteration.variables = variables[phase] ?? {};
    }
    // When the profile began: what the least late iteration of this virtual user was late by, as far as that can be the
    // activation of virtual users. More than that is lateness, and counts.
    const lateMs = elapsedMs - (due.dueMs(iterationInTest) ?? 0);
    beginMs = Math.max(0, Math.min(beginMs, lateMs));
    startLag.add(withoutClock(lateMs - beginMs));
    // Dropped iterations have no number, so that after them the line above says too much: a response is not to pay for that.
    iteration.lagMs = withoutClock(elapsedMs - beginMs - due.latestDueMs(elapsedMs - beginMs));
    try {
      const result = script.default(data);
      return result instanceof Promise ? result.catch(countAndRethrow) : result;
    } catch (error) {
      return countAndRethrow(error);
    }
  };
}

/** By phase; through the environment, since there may be addresses in them that are not known when this is bundled. */
function phaseVariables(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  const text = __ENV['CUTOVER_PHASE_ENV'];
  return text === undefined ? {} : (JSON.parse(text) as Record<string, Record<string, string>>);
}

function withoutClock(lagMs: number): number {
  return lagMs > CLOCK_MS ? lagMs : 0;
}

function countAndRethrow(error: unknown): never {
  exceptions.add(1);
  throw error;
}
