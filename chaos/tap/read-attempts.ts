import { createReadStream } from 'node:fs';
import type { TapAttempt } from './attempt.ts';

/**
 * The attempts that a tap recorded, in the order they ended. A last line without its line end was cut by the tap's own end,
 * and is left out.
 */
export async function readAttempts(path: string): Promise<TapAttempt[]> {
  const attempts: TapAttempt[] = [];
  let rest = '';
  for await (const chunk of createReadStream(path, 'utf8')) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) attempts.push(JSON.parse(line) as TapAttempt);
  }
  return attempts;
}
