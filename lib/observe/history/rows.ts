import { readPointer } from '../../provision/json-pointer.ts';
import type { FinalPlan } from '../../plan/schema/history.ts';
import type { FinalRow } from './observation.ts';

/** A final state that is not what the plan says it is: asking again would not help. */
export class UnreadableRow extends Error {}

/** The rows in an answer: its values, or those of the list in each of them. UnreadableRow. */
export function rowsIn(items: readonly unknown[], rows: string | undefined): readonly unknown[] {
  if (rows === undefined) return items;
  return items.flatMap((item) => {
    const list = readPointer(item, rows);
    // A message without an entry in its list has no list, over gRPC as over JSON.
    if (list === undefined && isObject(item)) return [];
    if (Array.isArray(list)) return list as readonly unknown[];
    throw new UnreadableRow(`the answer has no list at ${rows}: ${preview(item)}`);
  });
}

/** What the plan's fields name. UnreadableRow: there is no id. */
export function finalRow(row: unknown, { id, account, value, order, source }: FinalPlan['fields']): FinalRow {
  const text = (pointer: string | undefined) => {
    const found = pointer === undefined ? undefined : readPointer(row, pointer);
    return found === undefined || found === null ? undefined : asText(found);
  };
  const known = { id: text(id), account: text(account), value: text(value), source: text(source) };
  if (known.id === undefined) throw new UnreadableRow(`a row has no id at ${id}: ${preview(row)}`);
  const place = Number(text(order) ?? Number.NaN);
  if (order !== undefined && !Number.isFinite(place)) {
    throw new UnreadableRow(`a row has no number at ${order}: ${preview(row)}`);
  }
  return {
    id: known.id,
    ...(known.account === undefined ? {} : { account: known.account }),
    ...(known.value === undefined ? {} : { value: known.value }),
    ...(order === undefined ? {} : { order: place }),
    ...(known.source === undefined ? {} : { source: known.source }),
  };
}

/** The field of a page's last row that the next page starts after. UnreadableRow. */
export function afterOf(row: unknown, pointer: string): string {
  const found = readPointer(row, pointer);
  if (found === undefined || found === null) {
    throw new UnreadableRow(`a row has nothing at ${pointer} to go on after: ${preview(row)}`);
  }
  return asText(found);
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function preview(value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 120);
}
