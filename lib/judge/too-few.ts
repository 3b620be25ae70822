import type { Second } from '../observe/observations.ts';
import { suggest } from '../plan/nearest.ts';
import type { Finding } from './finding.ts';
import { inconclusive } from './finding.ts';
import { matches } from './tally.ts';
import type { Scope, Tally } from './tally.ts';
import { count, operationName } from './words.ts';

/**
 * Why nothing can be judged yet: an operation that was never seen in the whole run (most often a typing error), or
 * fewer events than the budget asks for. Undefined: there is enough. `which` says which events are counted.
 */
export function tooFew(
  { total: events }: Pick<Tally, 'total'>,
  seconds: readonly Second[],
  scope: Scope,
  minEvents: number,
  which = '',
): Finding | undefined {
  if (!wasSeen(seconds, scope)) {
    return inconclusive(`no request of ${operationName(scope)} was seen in the whole run`, {
      hint: seenHint(seconds, scope),
      measured: 'no requests',
      events,
    });
  }
  if (events === 0 || events < minEvents) {
    const counted = which === '' ? count(events, 'event') : `${count(events, 'event')} ${which}`;
    return inconclusive(`${counted}, at least ${Math.max(1, minEvents)} needed`, {
      hint: 'make the phase longer, raise the rate, or lower the minimum number of events',
      measured: count(events, 'event'),
      events,
    });
  }
  return undefined;
}

export function wasSeen(seconds: readonly Second[], scope: Scope): boolean {
  // "*" with no request at all can still be judged: when every iteration was dropped, all events are bad ones.
  if (scope.operation === '*' && scope.protocol === undefined) return true;
  return seconds.some((second) => second.operations.some((window) => matches(window, scope)));
}

export function seenHint(seconds: readonly Second[], scope: Scope): string {
  const windows = seconds.flatMap((second) => second.operations);
  const protocols = distinct(
    windows.filter((window) => window.operation === scope.operation),
    'protocol',
  );
  if (protocols.length > 0) return `${scope.operation} was seen over ${protocols.join(', ')} only`;
  const names = distinct(windows, 'operation');
  if (names.length === 0) return 'no request at all was seen: does the scenario send any, with a `name` tag?';
  const guess = suggest(scope.operation, names);
  return `seen: ${names.join(', ')}${guess?.startsWith('did you mean') === true ? `; ${guess}` : ''}`;
}

function distinct<Key extends string>(items: readonly Readonly<Record<Key, string>>[], key: Key): string[] {
  return [...new Set(items.map((item) => item[key]))].toSorted((a, b) => a.localeCompare(b));
}
