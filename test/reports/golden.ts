import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The committed text that `actual` should be, from test/reports/golden. After a wanted change, write them anew and look at the difference:
 *
 *   UPDATE_GOLDEN=1 npx vitest run test/reports
 */
export function golden(name: string, actual: string): string {
  const path = fileURLToPath(new URL(`golden/${name}`, import.meta.url));
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
  }
  return readFileSync(path, 'utf8');
}
