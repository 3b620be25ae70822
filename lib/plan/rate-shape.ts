import { readFileSync } from 'node:fs';

/** A rate over time, as recorded: milliseconds from the first line on, and arrivals a second. */
export interface RecordedRate {
  readonly points: readonly { readonly offsetMs: number; readonly perSecond: number }[];
}

/** Every virtual user of k6 holds the whole shape: measured, some 2.6 KB a line. A day has 1,440 minutes. */
const MAX_POINTS = 2_000;

/** What is wrong with the file; the caller knows where it was named. */
export class RateShapeError extends Error {
  override readonly name = 'RateShapeError';
}

/** Reads a CSV of (time, rate). @throws RateShapeError that names the line */
export function readRateShape(path: string): RecordedRate {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new RateShapeError(`cannot be read: ${(error as Error).message}`);
  }
  return parseRateShape(text);
}

/**
 * "time,rate" by line, with "," or ";" between; a first line that is no figures is a heading. Times: seconds, hh:mm,
 * hh:mm:ss or ISO 8601, not falling; two lines of the same time are a jump.
 */
export function parseRateShape(text: string): RecordedRate {
  const rows: { timeMs: number; perSecond: number }[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [time = '', rate = '', ...rest] = line.split(/[,;]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
    const timeMs = parseTimeMs(time);
    const perSecond = rate === '' ? Number.NaN : Number(rate);
    if (rows.length === 0 && timeMs === undefined && Number.isNaN(perSecond)) continue;
    const where = `line ${index + 1}: ${JSON.stringify(line)}`;
    if (rest.length > 0) throw new RateShapeError(`${where} has more than two columns`);
    if (timeMs === undefined)
      throw new RateShapeError(`${where}: the time must be seconds, hh:mm, hh:mm:ss or ISO 8601`);
    if (!(perSecond >= 0) || !Number.isFinite(perSecond)) {
      throw new RateShapeError(`${where}: the rate must be a number of arrivals a second`);
    }
    if (timeMs < (rows.at(-1)?.timeMs ?? timeMs)) throw new RateShapeError(`${where}: earlier than the line before`);
    rows.push({ timeMs, perSecond });
  }
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || last.timeMs === first.timeMs) {
    throw new RateShapeError('needs at least two lines of different times');
  }
  if (rows.length > MAX_POINTS) {
    throw new RateShapeError(`has ${rows.length} lines: at most ${MAX_POINTS}, so leave out or average some`);
  }
  return { points: rows.map(({ timeMs, perSecond }) => ({ offsetMs: timeMs - first.timeMs, perSecond })) };
}

function parseTimeMs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  const clock = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?$/.exec(text);
  if (clock !== null) {
    const [, hours = '0', minutes = '0', seconds = '0'] = clock;
    return (Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)) * 1_000;
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}
