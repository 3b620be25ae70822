import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';

/** By trace id: the declared fields that its line lacks (the fewest, where there are several). */
export type LoggedTraces = ReadonlyMap<string, readonly string[]>;

export interface WantedLines {
  readonly traceIds: ReadonlySet<string>;
  /** The field that has the trace's id. */
  readonly field: string;
  /** Those that each line must have. */
  readonly fields: readonly string[];
}

/** Reads a service's log of JSON lines for lines about these traces; other lines, and what is no JSON, are passed over. */
export async function readLogLines(path: string, { traceIds, field, fields }: WantedLines): Promise<LoggedTraces> {
  const found = new Map<string, readonly string[]>();
  if (!existsSync(path)) return found;
  const name = JSON.stringify(field);
  const lines = createInterface({ input: createReadStream(path, 'utf8'), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    // Most lines are about other things, and need not be parsed.
    const entry = line.includes(name) ? parseObject(line) : undefined;
    const traceId = entry?.[field];
    if (entry === undefined || typeof traceId !== 'string' || !traceIds.has(traceId)) continue;
    const lacking = fields.filter((wanted) => entry[wanted] === undefined);
    const before = found.get(traceId);
    if (before === undefined || lacking.length < before.length) found.set(traceId, lacking);
  }
  return found;
}

function parseObject(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
