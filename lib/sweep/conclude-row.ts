import type { SweepCell, SweepRow } from '../../reports/model/sweep.ts';
import type { CellAnswer } from './cell-answer.ts';
import { kindOf } from './kinds.ts';
import type { Track } from './tracks.ts';

/** A cell that was measured. */
export interface MeasuredCell {
  /** Indices of its track, and of its intensity. */
  readonly track: number;
  readonly level: number;
  readonly answer: CellAnswer;
  /** Its run could not be made: no other cell of the track was tried. */
  readonly failed: boolean;
  /** 1-based, in the order of time. */
  readonly index: number;
  readonly tries: number;
  /** Relative to the sweep's folder. */
  readonly folder: string;
}

/** A kind of fault on an edge: every cell of it, and what they come to. `ended` says why what was left was not measured. */
export function concludeRow(track: Track, measured: readonly MeasuredCell[], ended: string): SweepRow {
  const { kind, target, ladder } = track;
  const levels = new Map(measured.map((cell) => [cell.level, cell]));
  const answerAt = (level: number) => levels.get(level)?.answer.answer;
  const found = ladder.findIndex((_, level) => answerAt(level) === 'breaks');
  const mildest = found < 0 ? undefined : found;
  const top = answerAt(ladder.length - 1);
  const isUnbroken = (level: number) => ['holds', 'no-effect'].includes(answerAt(level) ?? '');
  const settled = mildest !== undefined && (mildest === 0 || isUnbroken(mildest - 1));
  const answer = mildest !== undefined ? 'breaks' : top === 'holds' || top === 'no-effect' ? top : 'open';
  const failure = measured.find((cell) => cell.failed)?.answer.reason;
  const cells = ladder.map((_, level): SweepCell => {
    const cell = levels.get(level);
    return cell === undefined
      ? missingCell(track, level, whyMissing(level, track, { mildest, answerAt, failure, ended }))
      : measuredCell(track, cell);
  });
  const row = { kind, intensity: kindOf(kind).intensity, target, answer, settled, cells } as const;
  const summary = summaryOf(row, mildest, failure);
  return { ...row, summary, ...(mildest === undefined ? {} : { mildest }) };
}

/** "latency 200ms (quotes are fast: p99 212 ms of 50 ms)". */
export function brokenBy({ label, broken: [worst], reason }: SweepCell): string {
  return worst === undefined ? `${label} (${reason})` : `${label} (${worst.title}: ${worst.told})`;
}

function measuredCell(track: Track, { answer, index, tries, folder, level }: MeasuredCell): SweepCell {
  const { severity } = answer;
  return {
    ...named(track, level),
    answer: answer.answer,
    reason: answer.reason,
    broken: answer.broken.toSorted((a, b) => (b.factor ?? 0) - (a.factor ?? 0)),
    ...(severity === undefined ? {} : { severity }),
    index,
    tries,
    folder,
  };
}

function missingCell(track: Track, level: number, why: string): SweepCell {
  return { ...named(track, level), answer: 'not-measured', reason: why, broken: [], tries: 0 };
}

function named({ kind, ladder }: Track, level: number) {
  const { text = '', strength = 1 } = ladder[level] ?? {};
  return { intensity: text, strength, label: text === '' ? kind : `${kind} ${text}` };
}

interface Known {
  readonly mildest: number | undefined;
  readonly answerAt: (level: number) => CellAnswer['answer'] | undefined;
  readonly failure: string | undefined;
  readonly ended: string;
}

/** What is beside a cell that was not measured is said, and no answer taken from it. */
function whyMissing(level: number, { ladder }: Track, { mildest, answerAt, failure, ended }: Known): string {
  if (failure !== undefined) return `not measured: the kind could not be tried (${failure})`;
  if (mildest !== undefined && level > mildest) return 'not measured (a milder one breaks)';
  const severer = ladder.map((_, other) => (other > level ? answerAt(other) : undefined));
  if (severer.includes('holds')) return 'not measured (a severer one holds)';
  if (severer.includes('no-effect')) return 'not measured (a severer one has no effect)';
  return `not measured: ${ended}`;
}

function summaryOf(
  { kind, answer, settled, cells }: Omit<SweepRow, 'summary'>,
  mildest: number | undefined,
  failure: string | undefined,
): string {
  switch (answer) {
    case 'breaks': {
      const cell = cells[mildest ?? 0];
      const what = cell === undefined ? kind : brokenBy(cell);
      const holdsAbove = cells.find(({ answer: other }, level) => level > (mildest ?? 0) && other === 'holds');
      const odd = holdsAbove === undefined ? '' : `; but ${holdsAbove.label} holds: what breaks here may be chance`;
      const milder = cells[(mildest ?? 0) - 1]?.answer === 'not-measured' ? 'was not measured' : 'has no answer';
      return settled ? `breaks from ${what}${odd}` : `breaks at ${what}; the next milder one ${milder}${odd}`;
    }
    case 'holds':
      return `nothing tried breaks it, up to ${cells.at(-1)?.label ?? kind}`;
    case 'no-effect':
      return `touched no traffic, up to ${cells.at(-1)?.label ?? kind}`;
    case 'open': {
      if (failure !== undefined) return `could not be tried: ${failure}`;
      const holding = cells.findLast((cell) => cell.answer === 'holds');
      const measured = cells.some((cell) => cell.answer !== 'not-measured');
      if (holding !== undefined) return `${holding.label} holds; what is severer has no answer`;
      return measured ? 'no answer' : 'not measured';
    }
    default:
      return answer satisfies never;
  }
}
