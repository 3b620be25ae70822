/** A request's or an answer's start line and headers, as far as the tap needs to know them. */
export interface Head {
  /** Bytes up to and with the empty line, and with empty lines before it. */
  readonly length: number;
  readonly startLine: string;
  /** Values by lower-case name; those of one name joined with ", " (RFC 9110, 5.3). */
  readonly headers: ReadonlyMap<string, string>;
}

/** A longer head is not looked at: it is passed on, unseen, for the other side to judge. */
export const MAX_HEAD_BYTES = 1024 * 1024;

const LF = 10;
const CR = 13;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * The head at the beginning of the bytes; `incomplete`: more is to come; `bad`: whatever this is, it is no head. The bytes
 * themselves are passed on as they are: this is only for reading.
 */
export function parseHead(bytes: Buffer): Head | 'incomplete' | 'bad' {
  let start = 0;
  // Empty lines before a request are to be skipped (RFC 9112, 2.2).
  while (bytes[start] === CR || bytes[start] === LF) start += 1;
  const length = headEnd(bytes, start);
  if (length === undefined) return 'incomplete';
  const lines = bytes.toString('latin1', start, length).split('\n');
  const headers = new Map<string, string>();
  let last = '';
  // The last two are the empty line and what is behind its end: nothing.
  for (let index = 1; index < lines.length - 2; index += 1) {
    const line = lines[index] ?? '';
    if (line[0] === ' ' || line[0] === '\t') {
      // A folded line goes on with the one before.
      if (last === '') return 'bad';
      headers.set(last, `${headers.get(last)} ${line.trim()}`);
      continue;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    if (!NAME.test(name)) return 'bad';
    last = name.toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(last);
    headers.set(last, before === undefined ? value : `${before}, ${value}`);
  }
  return { length, startLine: (lines[0] ?? '').trimEnd(), headers };
}

/** Behind the empty line; lines may end with LF alone. */
function headEnd(bytes: Buffer, start: number): number | undefined {
  for (let lf = bytes.indexOf(LF, start); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (bytes[lf + 1] === LF) return lf + 2;
    if (bytes[lf + 1] === CR && bytes[lf + 2] === LF) return lf + 3;
  }
  return undefined;
}

export interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: string;
}

export function parseRequestLine(line: string): RequestLine | undefined {
  const match = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) (\S+) HTTP\/(1\.[01])$/.exec(line);
  return match === null ? undefined : { method: match[1] ?? '', target: match[2] ?? '', version: match[3] ?? '' };
}

export function parseStatus(line: string): number | undefined {
  const match = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(line);
  return match === null ? undefined : Number(match[1]);
}
