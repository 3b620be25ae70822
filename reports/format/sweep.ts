import type { SweepAnswer, SweepCell, SweepEdge, SweepReport, SweepRow } from '../model/sweep.ts';
import { UNKNOWN, formatLength, formatNumber } from './figures.ts';

interface AnswerWords {
  /** Mark and words always stand together, so that an answer reads without colour. */
  readonly mark: string;
  readonly word: string;
  readonly meaning: string;
}

/** In the order of a legend. */
export const ANSWERS: Readonly<Record<SweepAnswer, AnswerWords>> = {
  breaks: { mark: '✗', word: 'breaks', meaning: 'a budget failed during the fault' },
  holds: { mark: '✓', word: 'holds', meaning: 'every budget held, and the fault was felt' },
  'no-effect': {
    mark: '○',
    word: 'no effect',
    meaning: 'every budget held, but the fault was not seen to touch the traffic',
  },
  inconclusive: { mark: '?', word: 'inconclusive', meaning: 'tried twice, no answer' },
  'steady-broken': { mark: '!', word: 'steady phase broken', meaning: 'the budgets did not hold before the fault' },
  'not-measured': { mark: '·', word: 'not measured', meaning: 'nothing is known' },
};

const ENDINGS: Readonly<Record<SweepReport['ending'], string>> = {
  complete: 'Every cell was measured that there was anything to learn from.',
  'time-limit':
    'The time was up before every cell was measured: the boundaries came first. A longer --time-limit, fewer --edges or --faults would fill more in.',
  'steady-broken':
    'The budgets of the steady phase did not hold, twice, without any fault: nothing can be learnt from faults until they do.',
  failed: 'A cell could not be run, and the sweep could not go on. What is shown is what was known until then.',
  aborted: 'The sweep was aborted. What is shown is what was known until then.',
};

/** What ended a sweep, for people, and how to learn more. */
export function endingText({ ending }: Pick<SweepReport, 'ending'>): string {
  return ENDINGS[ending];
}

/** A sweep judges nobody: the word that stands where a verdict has its own. */
export function outcomeWord({ outcome }: Pick<SweepReport, 'outcome'>): string {
  return outcome === 'pass' ? 'ANSWERED' : 'NOT ANSWERED';
}

/** "4.24×": how far over its limit. */
export function severityText(severity: number | undefined): string {
  return severity === undefined ? UNKNOWN : `${formatNumber(severity)}×`;
}

/** A cell with where it stands. */
export interface PlacedCell {
  readonly edge: SweepEdge;
  readonly row: SweepRow;
  readonly cell: SweepCell;
}

export function cellsOf({ edges }: SweepReport): PlacedCell[] {
  return edges.flatMap((edge) => edge.rows.flatMap((row) => row.cells.map((cell) => ({ edge, row, cell }))));
}

const RANKS: Readonly<Record<SweepAnswer, number>> = {
  'steady-broken': 0,
  breaks: 1,
  inconclusive: 2,
  'no-effect': 3,
  holds: 4,
  'not-measured': 5,
};

/** What was measured, the worst first: by how far over its limit a budget was, then what has no answer, then what holds. */
export function bySeverity(report: SweepReport): PlacedCell[] {
  return cellsOf(report)
    .filter(({ cell }) => cell.answer !== 'not-measured')
    .toSorted(
      (a, b) =>
        RANKS[a.cell.answer] - RANKS[b.cell.answer] ||
        (b.cell.severity ?? 0) - (a.cell.severity ?? 0) ||
        (a.cell.index ?? 0) - (b.cell.index ?? 0),
    );
}

/** "9 of 48 cells measured: 4 break, 3 hold, 2 without effect". */
export function cellCounts(report: SweepReport): string {
  const cells = cellsOf(report).map(({ cell }) => cell.answer);
  const count = (answer: SweepAnswer) => cells.filter((other) => other === answer).length;
  const parts = [
    [count('breaks'), 'break'],
    [count('holds'), 'hold'],
    [count('no-effect'), 'without effect'],
    [count('inconclusive') + count('steady-broken'), 'without an answer'],
  ] as const;
  const told = parts.filter(([amount]) => amount > 0).map(([amount, word]) => `${amount} ${word}`);
  const measured = cells.length - count('not-measured');
  return `${measured} of ${cells.length} cells measured${told.length === 0 ? '' : `: ${told.join(', ')}`}`;
}

/** "50/s, each fault for 5 s". */
export function loadText({ perSecond, faultMs }: SweepReport): string {
  return `${formatNumber(perSecond)}/s, each fault for ${formatLength(faultMs)}`;
}

/** "client → shop.http, http". */
export function routeText({ from, to, protocol }: SweepEdge): string {
  return `${from} → ${to}, ${protocol}`;
}
