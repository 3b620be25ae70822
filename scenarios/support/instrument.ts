import exec from 'k6/execution';
import { Counter } from 'k6/metrics';
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

const exceptions = new Counter('cutover_exceptions');

/** The script's options with the harness's profile in place of its own. */
export function drivenOptions(script: Script, profile: Profile): Record<string, unknown> {
  const own = Object.entries(script.options ?? {}).filter(([key]) => !REPLACED.includes(key));
  return { ...Object.fromEntries(own), scenarios: { load: arrivals(profile) } };
}

/**
 * The script's iteration, with what the harness needs around it: every metric of an iteration carries the phase in which
 * it started, an exception is counted (k6 only logs it), and the first iteration of all tells when the load started.
 */
export function drivenIteration(script: Script, profile: Profile): (data: unknown) => unknown {
  let phase = '';
  let first = true;
  return (data) => {
    if (first) {
      first = false;
      if (exec.scenario.iterationInTest === 0) console.log(JSON.stringify({ [LOAD_STARTED]: exec.scenario.startTime }));
    }
    const now = phaseAt(profile.phases, Date.now() - exec.scenario.startTime);
    if (now !== phase) {
      phase = now;
      exec.vu.metrics.tags['phase'] = phase;
    }
    try {
      const result = script.default(data);
      return result instanceof Promise ? result.catch(countAndRethrow) : result;
    } catch (error) {
      return countAndRethrow(error);
    }
  };
}

function countAndRethrow(error: unknown): never {
  exceptions.add(1);
  throw error;
}
