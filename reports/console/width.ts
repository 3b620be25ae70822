import { keepFiguresTogether } from '../format/plain-text.ts';

/** How many columns of a terminal a text takes, and cutting and wrapping by that. Texts are plain: no escape sequences. */

const ZERO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** East Asian wide and full-width characters, and emoji (https://www.unicode.org/reports/tr11/), by their blocks. */
const WIDE =
  /^[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]$|^\p{Emoji_Presentation}$|^[\u{20000}-\u{3FFFD}]$/u;

export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += characterWidth(character);
  return columns;
}

export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/** At most so many columns; what was cut is marked with "…". */
export function truncate(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${takeColumns(text, columns - 1)}…`;
}

/**
 * Lines of at most so many columns, broken at spaces but not inside figures ("50 ms"); a word that is too long is broken
 * anywhere. There is always one line.
 */
export function wrap(text: string, columns: number): string[] {
  const room = Math.max(1, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of keepFiguresTogether(text).split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (displayWidth(longer) <= room) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (displayWidth(line) > room) {
      // A character that is wider than the room is taken all the same, so that there is an end.
      const head = takeColumns(line, room) || String.fromCodePoint(line.codePointAt(0) ?? 0);
      lines.push(head);
      line = line.slice(head.length);
    }
  }
  return [...lines, line].map((wrapped) => wrapped.replaceAll('\u00A0', ' '));
}

function takeColumns(text: string, columns: number): string {
  let taken = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > columns) break;
    taken += character;
  }
  return taken;
}

function characterWidth(character: string): number {
  if (ZERO_WIDTH.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
