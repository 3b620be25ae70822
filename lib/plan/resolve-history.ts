import { findPlaceholders, knownPlaceholders } from '../provision/placeholders.ts';
import { type Report, checkTexts } from './check-names.ts';
import { suggest } from './nearest.ts';
import type { FinalPlan, HistoryPlan } from './schema/history.ts';
import type { System } from './schema/system.ts';

/** Placeholders of a read, beside those of the system. */
const READ_PLACEHOLDERS = ['after', 'limit', 'account'];

/** What is wrong with an experiment's `history`, before anything starts. */
export function checkHistoryPlan(history: HistoryPlan | undefined, system: System, report: Report): void {
  if (history === undefined) return;
  const known = knownPlaceholders(system);
  for (const [index, hook] of history.settle.entries()) checkTexts(hook, `history.settle[${index}]`, known, report);
  for (const [name, final] of Object.entries(history.finals)) {
    checkFinal(final, `history.finals.${name}`, Object.keys(history.writes), [...known, ...READ_PLACEHOLDERS], report);
  }
}

function checkFinal(
  final: FinalPlan,
  path: string,
  writes: readonly string[],
  known: readonly string[],
  report: Report,
): void {
  const { read, paging, kinds = [], initial } = final;
  checkTexts(read, `${path}.read`, known, report);
  const used = findPlaceholders(JSON.stringify(read));
  if (paging !== undefined && !used.includes('after')) {
    report(`${path}.read`, undefined, 'has no {{after}} in it: each page would be the same', 'or leave out `paging`');
  }
  if (paging === undefined && (used.includes('after') || used.includes('limit'))) {
    report(
      `${path}.paging`,
      undefined,
      'is missing: {{after}} and {{limit}} stand for nothing',
      'say what a page goes on after',
    );
  }
  if (used.includes('account') && initial === 'read') {
    report(
      `${path}.initial`,
      initial,
      'cannot be: which accounts to ask for is only known after the load',
      '"empty" where the store is new in each run, else "unknown"',
    );
  }
  if (writes.length === 0) return;
  for (const [index, kind] of kinds.entries()) {
    if (writes.includes(kind)) continue;
    report(`${path}.kinds[${index}]`, kind, 'is no kind of `history.writes`', suggest(kind, writes));
  }
}
