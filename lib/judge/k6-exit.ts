import type { GeneratorObservation } from '../observe/observations.ts';

const LOG_HINT = "see k6's log in the run folder";

/** k6's exit codes (`errext/exitcodes` in its source), with what they mean here. */
const MEANINGS: Readonly<Record<number, { readonly reason: string; readonly hint: string }>> = {
  97: { reason: 'its cloud test failed', hint: LOG_HINT },
  98: { reason: 'it lost its cloud test', hint: LOG_HINT },
  99: {
    reason: "thresholds of the scenario's own failed",
    hint: 'take `thresholds` out of the scenario: the budgets of the experiment are judged instead',
  },
  100: { reason: 'the set-up function timed out', hint: LOG_HINT },
  101: { reason: 'the tear-down function timed out', hint: LOG_HINT },
  102: { reason: 'it timed out', hint: LOG_HINT },
  103: { reason: 'it was stopped through its REST API', hint: 'leave the REST API off while an experiment runs' },
  104: { reason: 'its configuration is not valid', hint: LOG_HINT },
  105: { reason: 'it was stopped by a signal', hint: 'something asked k6 to stop before its planned end' },
  106: { reason: 'its REST API could not start', hint: LOG_HINT },
  107: { reason: 'an exception in the script', hint: LOG_HINT },
  108: { reason: 'the script called `test.abort`', hint: LOG_HINT },
  109: { reason: 'it panicked', hint: LOG_HINT },
  110: {
    reason: 'the script called `test.fail`',
    hint: 'the budgets of the experiment are judged instead of `test.fail`',
  },
};

/** What was wrong with k6's end; undefined when it ended well. */
export function badExit(
  exit: GeneratorObservation['exit'],
): { readonly reason: string; readonly hint: string } | undefined {
  if (exit.signal !== null) {
    return { reason: `it was killed by ${exit.signal}`, hint: 'was the machine out of memory? see the system log' };
  }
  if (exit.code === 0) return undefined;
  if (exit.code === null) return { reason: 'how it ended is not known', hint: LOG_HINT };
  const meaning = MEANINGS[exit.code] ?? { reason: 'an unknown error', hint: LOG_HINT };
  return { reason: `${meaning.reason} (exit code ${exit.code})`, hint: meaning.hint };
}
