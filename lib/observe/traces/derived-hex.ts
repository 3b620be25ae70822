import { createHash } from 'node:crypto';

/** Hexadecimal digits (at most 64) that follow from the parts. */
export function derivedHex(digits: number, ...parts: readonly (string | number)[]): string {
  return createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, digits);
}
