/**
 * A user's own keys: a JSON array of strings or numbers (or of objects, with `column` the field), or a CSV file with a
 * heading (`column` is one of its names; default the first). `path` is for messages.
 *
 *   const keys = new SharedArray('keys', () => readKeys(open(path), path, 'customer'));   // one copy for all virtual users
 */
export function readKeys(text: string, path: string, column = ''): string[] {
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
  const [heading = '', ...lines] = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = cells(heading);
  const index = column === '' ? 0 : names.indexOf(column);
  if (index === -1) throw new Error(`${path}: has no column "${column}" (it has ${names.join(', ')})`);
  return lines.map((line, row) => {
    const key = cells(line)[index] ?? '';
    if (key === '') throw new Error(`${path}: line ${row + 2} has no key`);
    return key;
  });
}

/** RFC 4180: cells may be quoted, with quotes doubled in them. */
function cells(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '',
  );
}
