import type { Check, Detail } from '../../../reports/model/verdict.ts';
import type { Drill } from '../../../chaos/drills/drill.ts';
import type { Differing, SidesCompared } from '../../../chaos/drills/migration.ts';
import type { Finding } from '../finding.ts';
import { figures, inconclusive } from '../finding.ts';
import { count } from '../words.ts';
import { type ReleaseDrill, type ReleasePicture, releaseCheck, seenBy } from './release.ts';

type Migration = ReleaseDrill<Drill<'migration'>>;

/** One question about both sides: what must be none, in which comparisons. */
interface Question {
  readonly id: string;
  readonly catalogue: string;
  readonly title: string;
  readonly of: readonly (keyof Pick<SidesCompared, 'missing' | 'extra' | 'mismatched' | 'duplicated' | 'reordered'>)[];
  readonly steps: readonly string[];
}

/** MIG-1: the same rows on both sides. MIG-2: the stream that brings them has no gap, no double and keeps the order. */
export function judgeMigration(subject: Migration): readonly Check[] {
  const { drill } = subject;
  const killed = drill.kill.length === 0 ? '' : ` after ${drill.kill.join(' and ')} was killed`;
  const steps = drill.steps.map(({ step }) => step).filter((step) => step !== 'replay');
  const questions: readonly Question[] = [
    { id: 'rows', catalogue: 'MIG-1', title: 'the rows are the same on both sides', of: ['mismatched'], steps },
    { id: 'gaps', catalogue: 'MIG-2', title: `nothing is missing${killed}`, of: ['missing', 'extra'], steps },
    { id: 'doubles', catalogue: 'MIG-2', title: `nothing is there twice${killed}`, of: ['duplicated'], steps },
    { id: 'order', catalogue: 'MIG-2', title: 'the order of each key is kept', of: ['reordered'], steps },
  ];
  const checks = questions.map((question) => ask(subject, question));
  return drill.replay.length === 0 ? checks : [...checks, judgeReplay(subject)];
}

function ask(subject: Migration, { id, catalogue, title, of, steps }: Question): Check {
  return releaseCheck(subject, { id, catalogue, title, limit: '0 rows', steps }, () => {
    const compared = comparedIn(subject, 'compare');
    if (compared === undefined) return inconclusive('the two sides were not compared');
    const all = of.map((name) => ({ name, ...compared[name] })).filter((differing) => differing.count > 0);
    const rows = Math.max(compared.sourceRows, compared.targetRows);
    const result = {
      measured: `${all.reduce((sum, differing) => sum + differing.count, 0)} of ${count(rows, 'row')}`,
      events: rows,
      evidence: figures({
        sourceRows: compared.sourceRows,
        targetRows: compared.targetRows,
        ...Object.fromEntries(of.map((name) => [name, compared[name].count])),
        firstIds: all.length === 0 ? undefined : all.flatMap(({ ids }) => ids.slice(0, 5)).join(', '),
      }),
    };
    if (all.length > 0) {
      const reason = all.map(({ name, ...differing }) => `${differing.count} ${name}: ${some(differing)}`).join('; ');
      return { outcome: 'fail', reason, ...result };
    }
    return (
      tooFew(subject, compared, result) ?? { outcome: 'pass', reason: `${count(rows, 'row')} compared`, ...result }
    );
  });
}

/** Everything sent once more, twice: the rows that were there are as they were, and none is there twice. */
function judgeReplay(subject: Migration): Check {
  const check = {
    id: 'replay',
    catalogue: 'MIG-2',
    title: 'all changes sent again change nothing',
    limit: 'same hash',
  };
  return releaseCheck(subject, { ...check, steps: ['replay'] }, () => {
    const [before, after] = [comparedIn(subject, 'compare'), comparedIn(subject, 'replay')];
    if (before === undefined || after === undefined) return inconclusive('not replayed, or not compared afterwards');
    const result = {
      measured: `${before.hash} → ${after.hash}`,
      events: before.targetRows,
      evidence: figures({
        hashBefore: before.hash,
        hashAfter: after.hash,
        rowsBefore: before.targetRows,
        rowsAfter: after.targetRows,
        duplicatedBefore: before.duplicated.count,
        duplicatedAfter: after.duplicated.count,
      }),
    };
    if (before.hash !== after.hash) {
      return { outcome: 'fail', reason: 'rows that were there before the replay are not as they were', ...result };
    }
    if (after.duplicated.count > before.duplicated.count) {
      const reason = `${count(after.duplicated.count, 'row')} twice after the replay: ${some(after.duplicated)}`;
      return { outcome: 'fail', reason, ...result };
    }
    const reason = `${count(before.targetRows, 'row')} have the same hash as before`;
    return tooFew(subject, before, result) ?? { outcome: 'pass', reason, ...result };
  });
}

function tooFew(
  { drill }: Migration,
  { sourceRows, targetRows }: SidesCompared,
  result: Pick<Finding, 'measured' | 'events' | 'evidence'>,
): Finding | undefined {
  const rows = Math.min(sourceRows, targetRows);
  if (rows >= drill.atLeast) return undefined;
  const hint = 'let the load write more, or check that the sides are read where the rows are';
  return inconclusive(`only ${count(rows, 'row')} to compare, ${drill.atLeast} needed`, { ...result, hint });
}

function comparedIn(subject: Migration, step: string): SidesCompared | undefined {
  return seenBy(subject)?.records?.migration?.comparisons.find((compared) => compared.step === step);
}

function some({ count: all, ids }: Differing): string {
  return `${ids.slice(0, 3).join(', ')}${all > 3 ? ', …' : ''}`;
}

/** Kills, settling, and the rows that differ. */
export function pictureMigration(subject: Migration): ReleasePicture {
  const { source, target } = subject.drill;
  const compared = comparedIn(subject, 'compare');
  const kinds = [
    ['missing', `on ${source.name}, not on ${target.name}`],
    ['extra', `on ${target.name}, not on ${source.name}`],
    ['mismatched', 'not the same on both'],
    ['duplicated', 'there twice'],
    ['reordered', `on ${target.name} after one that it came before`],
  ] as const;
  const rows = kinds.flatMap(([name, text]) => (compared?.[name].ids ?? []).map((id) => [name, id, text]));
  const details: Detail[] = [
    { kind: 'table', title: 'Rows that differ', columns: ['What', 'Id', 'How'], rows: rows.slice(0, 50) },
  ];
  const marks = (seenBy(subject)?.marks ?? []).map(({ atMs, text }) => ({ atMs, text }));
  return { marks, details: rows.length === 0 ? [] : details };
}
