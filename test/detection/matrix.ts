import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Check, Verdict } from '../../reports/model/verdict.ts';

const KINDS: ReadonlySet<Check['kind']> = new Set(['history', 'traces', 'logs', 'alerts']);

/** What a defect did to one check of the catalogue, over all its edges. */
export interface Cell {
  /** red: at least one check failed; unknown: none failed, at least one was inconclusive. */
  readonly state: 'green' | 'red' | 'unknown';
  /** Protocols of the edges on which it was red; none for a check that is about no edge. */
  readonly protocols: readonly string[];
}

export interface Row {
  /** "" is the healthy system. */
  readonly defect: string;
  readonly cells: ReadonlyMap<string, Cell>;
}

/** One row from the verdicts of all experiments of one defect: only what has a name in the catalogue counts, and is no condition of the run. */
export function rowOf(defect: string, verdicts: readonly Verdict[]): Row {
  const checks = verdicts.flatMap((verdict) =>
    verdict.checks.filter(({ kind, drill }) => drill !== undefined || KINDS.has(kind)),
  );
  const groups = Map.groupBy(checks, ({ catalogue = '' }) => catalogue);
  return { defect, cells: new Map([...groups].map(([id, of]) => [id, cellOf(of)])) };
}

function cellOf(checks: readonly Check[]): Cell {
  const red = checks.filter(({ outcome }) => outcome === 'fail');
  const edges = red.flatMap(({ edge }) => edge ?? []);
  const protocols = [...new Set(edges.map((edge) => (edge.endsWith('-http') ? 'http' : 'grpc')))].toSorted();
  if (red.length > 0) return { state: 'red', protocols };
  return { state: checks.every(({ outcome }) => outcome === 'pass') ? 'green' : 'unknown', protocols };
}

const FILE = fileURLToPath(new URL('../../docs/detection.md', import.meta.url));

/** The table of a family of defects. `expected` gives the checks that name a defect. */
export function renderMatrix(rows: readonly Row[], expected: ReadonlyMap<string, readonly string[]>): string {
  const ids = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].toSorted(byCatalogue);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    line(['defect', ...ids]),
    line(['---', ...ids.map(() => ':-:')]),
    ...rows.map(({ defect, cells }) =>
      line([
        defect === '' ? 'none (healthy)' : `\`${defect}\``,
        ...ids.map((id) => shown(cells.get(id), expected.get(defect)?.includes(id) === true)),
      ]),
    ),
  ].join('\n');
}

/** Puts a table into its place in docs/detection.md, between its two comments. */
export function writeMatrix(family: string, table: string): void {
  const [start, end] = [`<!-- measured: ${family} -->`, '<!-- end -->'];
  const text = readFileSync(FILE, 'utf8');
  const from = text.indexOf(start);
  const to = text.indexOf(end, from);
  if (from === -1 || to === -1) throw new Error(`${FILE} has no place for ${start}`);
  writeFileSync(FILE, `${text.slice(0, from)}${start}\n${table}\n${text.slice(to)}`);
}

function shown(cell: Cell | undefined, named: boolean): string {
  if (cell === undefined) return ' ';
  const text =
    cell.state === 'green'
      ? '✓'
      : cell.state === 'unknown'
        ? '·'
        : cell.protocols.length === 1
          ? `✗ ${cell.protocols[0]}`
          : '✗';
  return named ? `**${text}**` : text;
}

const FAMILIES = ['BRK', 'TMO', 'RTY', 'IDM', 'HLT', 'RBK', 'MIG', 'PAR', 'CON', 'TRC', 'LOG', 'ALR', 'SEC'];

function byCatalogue(a: string, b: string): number {
  const [familyA = '', numberA = ''] = a.split('-');
  const [familyB = '', numberB = ''] = b.split('-');
  return FAMILIES.indexOf(familyA) - FAMILIES.indexOf(familyB) || Number(numberA) - Number(numberB);
}
