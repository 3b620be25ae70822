import { afterAll, describe, expect, test } from 'vitest';
import { EXIT } from '../../lib/errors.ts';
import type { Verdict } from '../../reports/model/verdict.ts';
import { renderMatrix, rowOf, writeMatrix } from './matrix.ts';
import { type Run, WHOLE, runExperiment } from './run-experiment.ts';

const CONFIG = 'services/releases/cutover.config.ts';
/** Part of the default suite; the others have a config of their own. */
const DEFAULT_SUITE = ['rollback'];

interface Detection {
  readonly defect: string;
  readonly experiment: string;
  /** The checks of the catalogue that name it: those must be red, and no others. */
  readonly named: readonly string[];
  /** Parts of ids of checks in which the offending writes or rows must be named. */
  readonly names?: RegExp;
}

/** An entry's id in the reference system. */
const ENTRY = /[0-9a-f]{32}/;

const DETECTIONS: readonly Detection[] = [
  { defect: 'rollback-drops-outbox', experiment: 'rollback', named: ['RBK-1'], names: ENTRY },
  { defect: 'slow-rollback', experiment: 'rollback', named: ['RBK-2'] },
  { defect: 'abrupt-stop', experiment: 'restore', named: ['RBK-3'] },
  { defect: 'ack-before-commit', experiment: 'restore', named: ['RBK-1'], names: ENTRY },
  { defect: 'retry-duplicates', experiment: 'restore', named: ['RBK-1'], names: ENTRY },
  { defect: 'partial-kill-switch', experiment: 'switching', named: ['RBK-4'] },
  { defect: 'slow-path', experiment: 'canary', named: ['RBK-5'] },
  { defect: 'corrupt-row', experiment: 'migration', named: ['MIG-1'], names: ENTRY },
  { defect: 'cdc-gap', experiment: 'migration', named: ['MIG-2'], names: ENTRY },
  { defect: 'cdc-reorder', experiment: 'migration', named: ['MIG-2'], names: ENTRY },
  { defect: 'rounding', experiment: 'parity', named: ['PAR-1'] },
  { defect: 'shadow-writes', experiment: 'shadow', named: ['PAR-2'] },
  { defect: 'shadow-blocks', experiment: 'shadow', named: ['PAR-2'] },
  { defect: 'contract-break', experiment: 'contract', named: ['CON-1'] },
  { defect: 'drops-traceparent', experiment: 'traces', named: ['TRC-1'] },
  { defect: 'log-untraced', experiment: 'traces', named: ['LOG-1'] },
  { defect: 'blocking-exporter', experiment: 'collector', named: ['TRC-2'] },
  { defect: 'alert-silent', experiment: 'alerts', named: ['ALR-1'] },
  { defect: 'alert-noisy', experiment: 'alerts', named: ['ALR-1'] },
  { defect: 'auth-open', experiment: 'boundary', named: ['SEC-1'] },
];

/** Independent of one another: switched on at once, each turns its own check red. Each by itself where the whole matrix is measured. */
const AT_ONCE: readonly (readonly [string, string])[] = [
  ['abrupt-stop', 'ack-before-commit'],
  ['corrupt-row', 'cdc-reorder'],
];

const RUNS: readonly Detection[] = WHOLE
  ? DETECTIONS
  : DETECTIONS.flatMap((detection) => {
      if (AT_ONCE.some(([, second]) => second === detection.defect)) return [];
      const second = AT_ONCE.find(([first]) => first === detection.defect)?.[1];
      const other = DETECTIONS.find(({ defect }) => defect === second);
      if (other === undefined) return [detection];
      return [
        {
          ...detection,
          defect: `${detection.defect},${other.defect}`,
          named: [...detection.named, ...other.named],
        },
      ];
    });

const EXPERIMENTS = [...new Set(DETECTIONS.map(({ experiment }) => experiment))];
const measured = new Map<string, Verdict[]>();

function runHere(experiment: string, defect: string): Promise<Run> {
  const again = ({ verdict, code }: Run) =>
    defect === '' ? code === EXIT.inconclusive : !verdict.checks.some(({ outcome }) => outcome === 'fail');
  return runExperiment(experiment, defect, DEFAULT_SUITE.includes(experiment) ? { again } : { config: CONFIG, again });
}

const byText = (a: string, b: string): number => (a < b ? -1 : 1);

function add(defect: string, verdict: Verdict): void {
  measured.set(defect, [...(measured.get(defect) ?? []), verdict]);
}

describe('the healthy reference system passes what its release is checked for', () => {
  test.each(EXPERIMENTS)('%s', async (experiment) => {
    const { verdict, output } = await runHere(experiment, '');
    add('', verdict);
    expect(
      verdict.checks.filter(({ outcome }) => outcome !== 'pass').map(({ title, reason }) => `${title}: ${reason}`),
      output,
    ).toEqual([]);
  });
});

describe('each defect turns red the checks that name it, and no others', () => {
  test.each(RUNS)('$defect in $experiment → $named', async ({ defect, experiment, named, names }) => {
    const { verdict, output } = await runHere(experiment, defect);
    add(defect, verdict);
    const red = verdict.checks.filter(({ outcome }) => outcome === 'fail');
    expect([...new Set(red.map(({ catalogue, id }) => catalogue ?? id))].toSorted(byText), output).toEqual(
      named.toSorted(byText),
    );
    if (names !== undefined) for (const { reason } of red) expect(reason).toMatch(names);
  });
});

/** Written when every row was measured in this run. */
afterAll(() => {
  const expected = new Map(RUNS.map(({ defect, named }) => [defect, named]));
  if (measured.size !== RUNS.length + 1) return;
  writeMatrix(
    'releases',
    renderMatrix(
      [...measured].map(([defect, verdicts]) => rowOf(defect, verdicts)),
      expected,
    ),
  );
});
