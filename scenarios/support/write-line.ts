/**
 * The lines by which a scenario tells of its writes, on k6's console. Words with a space between them, each percent-encoded
 * where it needs to be, so that millions of them are read quickly and a line is never quoted:
 *
 *   write attempted <kind> <key> <at> <account> <value> <vu> <operation>
 *   write acknowledged|refused|indeterminate <kind> <key> <at> <id> <value>
 *   read <kind> <key> <id> <account> <attempted at> <at> <seen> <limit>
 *
 * Times are Unix milliseconds; what is not known is empty.
 */
export type WriteOutcome = 'acknowledged' | 'refused' | 'indeterminate';

export interface AttemptedLine {
  readonly event: 'attempted';
  readonly kind: string;
  readonly key: string;
  readonly atMs: number;
  readonly account: string;
  readonly value: string;
  readonly vu: number;
  readonly operation: string;
}

export interface OutcomeLine {
  readonly event: WriteOutcome;
  readonly kind: string;
  readonly key: string;
  readonly atMs: number;
  readonly id: string;
  readonly value: string;
}

/** A read of one write (by its key or its id: `seen` is 1 or 0) or of an account (`seen` is how many writes it showed). */
export interface ReadLine {
  readonly event: 'read';
  readonly kind: string;
  readonly key: string;
  readonly id: string;
  readonly account: string;
  readonly attemptedMs: number;
  readonly atMs: number;
  readonly seen: number;
  /** How many it could show at most; 0: no limit. */
  readonly limit: number;
}

export type WriteLine = AttemptedLine | OutcomeLine | ReadLine;

export function encodeWriteLine(line: WriteLine): string {
  switch (line.event) {
    case 'attempted': {
      const { kind, key, atMs, account, value, vu, operation } = line;
      return words('write', 'attempted', kind, key, atMs, account, value, vu, operation);
    }
    case 'acknowledged':
    case 'refused':
    case 'indeterminate':
      return words('write', line.event, line.kind, line.key, line.atMs, line.id, line.value);
    case 'read': {
      const { kind, key, id, account, attemptedMs, atMs, seen, limit } = line;
      return words('read', kind, key, id, account, attemptedMs, atMs, seen, limit);
    }
    default:
      return line satisfies never;
  }
}

/** Undefined: it is none of them. Throws on one that is damaged. */
export function decodeWriteLine(text: string): WriteLine | undefined {
  if (text.startsWith('write ')) return decodeWrite(partsOf(text), text);
  return text.startsWith('read ') ? decodeRead(partsOf(text), text) : undefined;
}

function decodeWrite(parts: readonly string[], text: string): WriteLine {
  const [event, kind = '', key = '', sixth = ''] = [parts[1], parts[2], parts[3], parts[5]];
  const atMs = number(parts[4], text);
  if (event === 'attempted' && parts.length === 9) {
    const [value = '', operation = ''] = [parts[6], parts[8]];
    return { event, kind, key, atMs, account: sixth, value, vu: number(parts[7], text), operation };
  }
  if ((event === 'acknowledged' || event === 'refused' || event === 'indeterminate') && parts.length === 7) {
    return { event, kind, key, atMs, id: sixth, value: parts[6] ?? '' };
  }
  throw new Error(`a damaged line: ${text}`);
}

function decodeRead(parts: readonly string[], text: string): ReadLine {
  const [kind = '', key = '', id = '', account = ''] = [parts[1], parts[2], parts[3], parts[4]];
  return {
    event: 'read',
    kind,
    key,
    id,
    account,
    attemptedMs: number(parts[5], text),
    atMs: number(parts[6], text),
    seen: number(parts[7], text),
    limit: number(parts[8], text),
  };
}

function partsOf(text: string): readonly string[] {
  const parts = text.split(' ');
  return text.includes('%') ? parts.map(decodeURIComponent) : parts;
}

function words(...parts: readonly (string | number)[]): string {
  return parts.map((part) => (typeof part === 'number' ? String(part) : encode(part))).join(' ');
}

/** Plain as it is, where it is plain; k6's log escapes quotes, angle brackets, and what is not ASCII. */
function encode(text: string): string {
  return /^[\w.:/@+,;=~*-]*$/.test(text) ? text : encodeURIComponent(text);
}

function number(text: string | undefined, line: string): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new Error(`a damaged line: ${line}`);
  return value;
}
