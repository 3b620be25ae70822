import type { Rows } from '../../../lib/plan/schema/drills/migration.ts';
import { readPointer } from '../../../lib/provision/json-pointer.ts';
import { sendRequest, traceIdOf } from '../../drivers/drill-request.ts';
import { type SideRow, rowHash } from '../compare-sides.ts';
import type { ActContext } from './act.ts';

const PAGE_MS = 30_000;
/** More pages than these are no end: the position does not move. */
const MOST_PAGES = 100_000;

/** All rows of a side, in its order. Error: it could not be read, or an item has no id. */
export async function readRows(rows: Rows, act: ActContext): Promise<readonly SideRow[]> {
  const { request, position } = rows;
  const all: SideRow[] = [];
  let after = '0';
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const at = after;
    const { ok, status, items } = await sendRequest(request, {
      resolve: (text) => act.resolve(text.replaceAll('{{after}}', at)),
      root: act.root,
      signal: AbortSignal.any([act.signal, AbortSignal.timeout(PAGE_MS)]),
      traceId: traceIdOf(`${rows.name} ${page}`),
    });
    if (!ok) throw new Error(`the rows of ${rows.name} could not be read after ${at}: ${status}`);
    for (const item of items) all.push(rowOf(item, rows));
    const last = items.at(-1);
    if (position === undefined || last === undefined) return all;
    after = textAt(last, position) ?? at;
    if (after === at)
      throw new Error(`the rows of ${rows.name} do not go on after ${at}: ${position} has no new value`);
  }
  throw new Error(`the rows of ${rows.name} have no end`);
}

function rowOf(item: unknown, { name, id, key, origin, fields }: Rows): SideRow {
  const at = textAt(item, id);
  if (at === undefined) {
    throw new Error(`a row of ${name} has no id at ${id}: ${JSON.stringify(item)?.slice(0, 120)}`);
  }
  return {
    id: at,
    key: key === undefined ? undefined : (textAt(item, key) ?? ''),
    origin: origin === undefined ? '' : (textAt(item, origin) ?? ''),
    hash: rowHash(fields.map((field) => readPointer(item, field) ?? null)),
  };
}

function textAt(item: unknown, pointer: string): string | undefined {
  const value = readPointer(item, pointer);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
