/**
 * A user's own keys: a JSON array of strings or numbers (or of objects, with `column` the field), or a CSV file with a
 * heading (`column` is one of its names; default the first). `path` is for messages.
 *
 *   const keys = new SharedArray('keys', () => readKeys(open(path), path, 'customer'));   // one copy for all virtual users
 */
export function readKeys(content: string, path: string, column = ''): string[] {
  const text = content.replace(/^\uFEFF/, '');
  const keys = /^\s*\[/.test(text) ? fromJson(text, path, column) : fromCsv(text, path, column);
  if (keys.length === 0) throw new Error(`${path}: holds no keys`);
  return keys;
}

function fromJson(text: string, path: string, column: string): string[] {
  let entries: unknown[];
  try {
    entries = JSON.parse(text) as unknown[];
  } catch (error) {
    throw new Error(`${path}: is no JSON: ${(error as Error).message}`, { cause: error });
  }
  return entries.map((entry, index) => {
    const key = typeof entry === 'object' && entry !== null ? (entry as Record<string, unknown>)[column] : entry;
    if (typeof key === 'string' || typeof key === 'number') return String(key);
    throw new Error(`${path}: element ${index} has no key${column === '' ? '' : ` "${column}"`}`);
  });
}

function fromCsv(text: string, path: string, column: string): string[] {
  const [heading, ...rows] = rowsOf(text, path);
  const names = (heading?.cells ?? []).map((name) => name.trim());
  const index = column === '' ? 0 : names.indexOf(column);
  if (index === -1) throw new Error(`${path}: has no column "${column}" (it has ${names.join(', ')})`);
  return rows.map(({ cells, line }) => {
    const key = cells[index] ?? '';
    if (key === '') throw new Error(`${path}: line ${line} has no key`);
    return key;
  });
}

interface Row {
  readonly cells: readonly string[];
  /** Of the file, 1-based: where the row starts. */
  readonly line: number;
}

/** RFC 4180: cells may be quoted, with commas, line ends and doubled quotes in them. Empty lines are no rows. */
function rowsOf(text: string, path: string): Row[] {
  const cell = /("(?:[^"]|"")*"|[^",\r\n]*)(,|\r?\n|$)/y;
  const rows: Row[] = [];
  let [cells, start, line]: [string[], number, number] = [[], 1, 1];
  while (cell.lastIndex < text.length || cells.length > 0) {
    const found = cell.exec(text);
    if (found === null) throw new Error(`${path}: line ${line} has a quote in the wrong place`);
    const [whole, content = '', end] = found;
    cells.push(content.startsWith('"') ? content.slice(1, -1).replaceAll('""', '"') : content.trim());
    line += whole.split('\n').length - 1;
    if (end === ',') continue;
    if (cells.length > 1 || cells[0] !== '') rows.push({ cells, line: start });
    [cells, start] = [[], line];
  }
  return rows;
}
