import { afterAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../lib/errors.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { renderMatrix, rowOf, writeMatrix } from './matrix.ts';
import { type Run, WHOLE, runExperiment } from './run-experiment.ts';

const CONFIG = 'services/drills/cutover.config.ts';
const EXPERIMENTS = ['breaker', 'resilience'];
/** What the breaker experiment checks; the others are the resilience experiment's. */
const BREAKER = /^BRK|^TMO-1$/;

/** The checks of the catalogue that name each defect: those must be red, over gRPC and over HTTP, and no others. */
const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ['no-breaker', ['BRK-1', 'BRK-2']],
  ['eager-probe', ['BRK-3']],
  ['probe-stampede', ['BRK-4']],
  ['breaker-stuck', ['BRK-5']],
  ['trips-on-4xx', ['BRK-6']],
  ['shared-pool', ['BRK-7']],
  ['no-timeout', ['TMO-1']],
  ['ignores-cancel', ['TMO-2']],
  ['retry-storm', ['RTY-1', 'RTY-2']],
  ['retry-duplicates', ['IDM-1']],
  ['volatile-keys', ['IDM-1']],
  ['readiness-lies', ['HLT-1']],
  ['liveness-coupled', ['HLT-1']],
]);

/** One a drill; all of them where the whole matrix is measured. */
const ALWAYS: readonly string[] = [
  'no-breaker',
  'probe-stampede',
  'no-timeout',
  'ignores-cancel',
  'retry-storm',
  'volatile-keys',
  'liveness-coupled',
];

const measured = new Map<string, Verdict[]>();

describe('the healthy reference system passes every drill, over both protocols', () => {
  test.each(EXPERIMENTS)('%s', async (experiment) => {
    const { verdict, output } = await runExperiment(experiment, '', { config: CONFIG });
    add('', verdict);
    expect(
      verdict.checks.filter(({ outcome }) => outcome !== 'pass').map(({ title, reason }) => `${title}: ${reason}`),
      output,
    ).toEqual([]);
  });
});

describe('each defect turns red the checks that name it, over both protocols, and no others', () => {
  test.each([...NAMED].filter(([defect]) => WHOLE || ALWAYS.includes(defect)))('%s → %j', async (defect, named) => {
    const verdicts: Verdict[] = [];
    for (const experiment of EXPERIMENTS.filter((name) => WHOLE || name === experimentOf(named))) {
      // A defect may keep other checks from an answer; the run is to be repeated when doubt took one away.
      const again = ({ verdict }: Run) => isDoubted(verdict);
      const { verdict, code, output } = await runExperiment(experiment, defect, { config: CONFIG, again });
      add(defect, verdict);
      verdicts.push(verdict);
      expect([EXIT.pass, EXIT.fail, EXIT.inconclusive], output).toContain(code);
    }
    const { cells } = rowOf(defect, verdicts);
    const red = [...cells].filter(([, { state }]) => state === 'red');
    expect(Object.fromEntries(red.map(([id, { protocols }]) => [id, protocols]))).toEqual(
      Object.fromEntries(named.map((id) => [id, ['grpc', 'http']])),
    );
    // What is red beside the drills is a false alarm too, unless the steady phase itself shows the defect.
    expect(
      verdicts.flatMap(({ checks }) => checks.filter(({ kind, outcome }) => kind !== 'drill' && outcome === 'fail')),
    ).toEqual([]);
  });
});

function experimentOf(named: readonly string[]): string {
  return named.some((id) => BREAKER.test(id)) ? 'breaker' : 'resilience';
}

function add(defect: string, verdict: Verdict): void {
  const verdicts = measured.get(defect) ?? [];
  verdicts.push(verdict);
  measured.set(defect, verdicts);
}

/** Something would have been red or green, were it not for the machine. */
function isDoubted({ checks }: Verdict): boolean {
  return checks.some(
    ({ outcome, reason, kind }) =>
      outcome === 'inconclusive' && (kind === 'generator' || /would fail|not reached/.test(reason)),
  );
}

/** Written when every row was measured in this run, in both experiments. */
afterAll(() => {
  const rows = [...measured].map(([defect, verdicts]) => rowOf(defect, verdicts));
  if (WHOLE && rows.length === NAMED.size + 1) writeMatrix('drills', renderMatrix(rows, NAMED));
});
