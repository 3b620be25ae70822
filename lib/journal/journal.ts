import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';

/** One line of `journal.ndjson`: `hash` is SHA-256 over the line without it, and `prev` is the line before's. */
export interface JournalEntry {
  readonly seq: number;
  /** Wall-clock time, ISO 8601. */
  readonly at: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly prev: string;
  readonly hash: string;
}

/** The run's append-only, hash-chained event log. */
export interface Journal extends Disposable {
  /** Writes one event; it is in the file when this returns, so that a crash loses nothing that was reported. */
  record(type: string, data?: Readonly<Record<string, unknown>>): void;
}

export const GENESIS = '0'.repeat(64);

/** Appends to the file at `path`, which it creates; the clock is a parameter so that tests can move it. */
export function openJournal(path: string, now: () => Date = () => new Date()): Journal {
  const file = openSync(path, 'a');
  let seq = 0;
  let prev = GENESIS;
  let open = true;
  return {
    record(type, data = {}) {
      if (!open) return;
      const line = { seq, at: now().toISOString(), type, data, prev };
      const hash = hashOf(line);
      writeSync(file, `${JSON.stringify({ ...line, hash })}\n`);
      seq += 1;
      prev = hash;
    },
    [Symbol.dispose]() {
      if (!open) return;
      open = false;
      fsyncSync(file);
      closeSync(file);
    },
  };
}

/** The first line of the journal's text that breaks the chain (0-based), or undefined when the chain holds. */
export function findBrokenLink(text: string): number | undefined {
  let prev = GENESIS;
  const lines = text.split('\n').filter((line) => line !== '');
  for (const [index, line] of lines.entries()) {
    const entry = parseEntry(line);
    if (entry === undefined) return index;
    const { hash, ...rest } = entry;
    if (rest.seq !== index || rest.prev !== prev || hashOf(rest) !== hash) return index;
    prev = hash;
  }
  return undefined;
}

function parseEntry(line: string): JournalEntry | undefined {
  try {
    return JSON.parse(line) as JournalEntry;
  } catch {
    return undefined;
  }
}

function hashOf(line: Omit<JournalEntry, 'hash'>): string {
  const { seq, at, type, data, prev } = line;
  return createHash('sha256').update(JSON.stringify({ seq, at, type, data, prev })).digest('hex');
}
