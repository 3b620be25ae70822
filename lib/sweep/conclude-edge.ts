import type { SweepEdge, SweepRow } from '../../reports/model/sweep.ts';
import { brokenBy } from './conclude-row.ts';

type Concluded = Pick<SweepEdge, 'answer' | 'headline' | 'mildest'>;

/**
 * What the rows of an edge come to. The mildest fault is the one of least strength that was seen to break; of two alike, the
 * first kind's. An edge has an answer when the mildest of at least one kind is known, or when nothing that was tried breaks
 * it (kinds that touch no traffic do not count).
 */
export function concludeEdge(rows: readonly SweepRow[]): Concluded {
  const breaking = rows.flatMap((row, index) => {
    const cell = row.mildest === undefined ? undefined : row.cells[row.mildest];
    return cell === undefined ? [] : [{ row, cell, at: { row: index, cell: row.mildest ?? 0 } }];
  });
  const open = rows.filter(({ answer, settled }) => answer === 'open' || (answer === 'breaks' && !settled));
  const untouched = rows.filter(({ answer }) => answer === 'no-effect').map(({ kind }) => kind);
  const notes = [
    ...(untouched.length === 0 ? [] : [`no traffic touched by: ${untouched.join(', ')}`]),
    ...(open.length === 0 ? [] : [`not settled: ${open.map(({ kind }) => kind).join(', ')}`]),
  ].map((note) => `; ${note}`);

  const [mildest] = breaking.toSorted((a, b) => a.cell.strength - b.cell.strength);
  if (mildest !== undefined) {
    return {
      answer: breaking.some(({ row }) => row.settled) ? 'breaks' : 'unknown',
      headline: `mildest fault that breaks a budget: ${brokenBy(mildest.cell)}${notes.join('')}`,
      mildest: mildest.at,
    };
  }
  if (open.length === 0 && rows.some(({ answer }) => answer === 'holds')) {
    return { answer: 'holds', headline: `nothing tried breaks it${notes.join('')}` };
  }
  const measured = rows.some(({ cells }) => cells.some(({ answer }) => answer !== 'not-measured'));
  if (!measured) return { answer: 'unknown', headline: 'not measured' };
  if (open.length === 0) {
    return { answer: 'unknown', headline: 'not known: no fault touched any traffic; is the edge in use?' };
  }
  return { answer: 'unknown', headline: `not known: nothing was seen to break it${notes.join('')}` };
}
