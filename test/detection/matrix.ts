import type { Check, Verdict } from '../../reports/model/verdict.ts';

/** What a defect did to one check of the catalogue, over all its edges. */
export interface Cell {
  /** red: at least one check failed; unknown: none failed, at least one was inconclusive. */
  readonly state: 'green' | 'red' | 'unknown';
  /** Protocols of the edges on which it was red. */
  readonly protocols: readonly string[];
}

export interface Row {
  /** "" is the healthy system. */
  readonly defect: string;
  readonly cells: ReadonlyMap<string, Cell>;
}

/** One row from the verdicts of all experiments of one defect: only checks of drills count. */
export function rowOf(defect: string, verdicts: readonly Verdict[]): Row {
  const checks = verdicts.flatMap((verdict) => verdict.checks.filter(({ kind }) => kind === 'drill'));
  const groups = Map.groupBy(checks, ({ catalogue = '' }) => catalogue);
  return { defect, cells: new Map([...groups].map(([id, of]) => [id, cellOf(of)])) };
}

function cellOf(checks: readonly Check[]): Cell {
  const red = checks.filter(({ outcome }) => outcome === 'fail');
  const protocols = [...new Set(red.map(({ edge = '' }) => (edge.endsWith('-http') ? 'http' : 'grpc')))].toSorted();
  if (red.length > 0) return { state: 'red', protocols };
  return { state: checks.every(({ outcome }) => outcome === 'pass') ? 'green' : 'unknown', protocols };
}

const LEGEND = `\`npm run test:detection\` writes this file: each row is the reference system with one defect, each column a check of the
catalogue, each cell what the drills' own runs said, over gRPC and over HTTP at the same time. Nothing in it is assumed.

- ✓ every check held · ✗ red on both protocols (or on those named) · · not red, but not decided either, since the defect
  keeps the check from seeing what it needs (a breaker that never opens shows nothing about how long it stays open)
- **bold**: the check that names the defect`;

/** The table as it stands in docs/detection.md. `expected` gives the checks that name a defect. */
export function renderMatrix(rows: readonly Row[], expected: ReadonlyMap<string, readonly string[]>): string {
  const ids = [...new Set(rows.flatMap(({ cells }) => [...cells.keys()]))].toSorted(byCatalogue);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [
    '# Detection matrix',
    '',
    LEGEND,
    '',
    line(['defect', ...ids]),
    line(['---', ...ids.map(() => ':-:')]),
    ...rows.map(({ defect, cells }) =>
      line([
        defect === '' ? 'none (healthy)' : `\`${defect}\``,
        ...ids.map((id) => shown(cells.get(id), expected.get(defect)?.includes(id) === true)),
      ]),
    ),
    '',
  ].join('\n');
}

function shown(cell: Cell | undefined, named: boolean): string {
  if (cell === undefined) return ' ';
  const text =
    cell.state === 'green'
      ? '✓'
      : cell.state === 'unknown'
        ? '·'
        : cell.protocols.length > 1
          ? '✗'
          : `✗ ${cell.protocols[0]}`;
  return named ? `**${text}**` : text;
}

const FAMILIES = ['BRK', 'TMO', 'RTY', 'IDM', 'HLT'];

function byCatalogue(a: string, b: string): number {
  const [familyA = '', numberA = ''] = a.split('-');
  const [familyB = '', numberB = ''] = b.split('-');
  return FAMILIES.indexOf(familyA) - FAMILIES.indexOf(familyB) || Number(numberA) - Number(numberB);
}
