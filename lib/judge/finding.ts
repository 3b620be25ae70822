import type { Check } from '../../reports/model/verdict.ts';

/** What a check is about: known before anything is judged, so that a check that breaks down still has a name. */
export type Subject = Pick<
  Check,
  'id' | 'title' | 'kind' | 'catalogue' | 'operation' | 'protocol' | 'service' | 'phase' | 'drill' | 'edge' | 'limit'
>;

/** What came out of it. */
export type Finding = Pick<Check, 'outcome' | 'reason' | 'hint' | 'measured' | 'events' | 'evidence'>;

/** A finding that decides nothing; `measured` defaults to a dash. */
export function inconclusive(
  reason: string,
  details: Partial<Pick<Finding, 'hint' | 'measured' | 'events' | 'evidence'>> = {},
): Finding {
  return { outcome: 'inconclusive', reason, measured: '–', events: 0, evidence: {}, ...details };
}

/** Figures for `evidence`, without those that are not known. */
export function figures(values: Readonly<Record<string, number | string | boolean | undefined>>): Finding['evidence'] {
  const known: Finding['evidence'] = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) known[name] = value;
  }
  return known;
}
