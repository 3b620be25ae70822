import type { Outcome } from '../model/verdict.ts';

const CODES = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, bold: 1, dim: 2 } as const;

export type Tone = keyof typeof CODES;

/** Puts text in a colour, or leaves it as it is where colours are off. */
export type Paint = (text: string, ...tones: readonly Tone[]) => string;

export function createPaint(color: boolean): Paint {
  if (!color) return (text) => text;
  return (text, ...tones) =>
    text === '' || tones.length === 0 ? text : `\u001B[${tones.map((tone) => CODES[tone]).join(';')}m${text}\u001B[0m`;
}

export const OUTCOME_TONES: Readonly<Record<Outcome, Tone>> = { fail: 'red', inconclusive: 'yellow', pass: 'green' };
