import type { Outcome } from '../model/verdict.ts';
import { element, textElement } from './xml.ts';

/** What says in a case that it did not hold; nothing where it did. */
export function problem(outcome: Outcome, message: string, text: string): string[] {
  switch (outcome) {
    case 'pass':
      return [];
    case 'fail':
      return [textElement('failure', { message, type: 'fail' }, text)];
    case 'inconclusive':
      return [textElement('error', { message, type: 'inconclusive' }, text)];
    default:
      return outcome satisfies never;
  }
}

/** Those that have a value. */
export function properties(values: Readonly<Record<string, string | undefined>>): string {
  const set = Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return element(
    'properties',
    {},
    set.map((property) => element('property', property)),
  );
}

/** JUnit's times. */
export function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
