/* oxlint-disable no-control-regex -- control characters are what this file is about */

/** ANSI escape sequences: CSI ("colour red"), OSC ("set the window's title", up to its end), and the two-byte ones. */
const ESCAPE_SEQUENCES = /\u001B\[[0-?]*[ -/]*[@-~]|\u001B\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B[ -/]*[0-~]/g;
const LINE_BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** C0, DEL and C1 controls, no characters at all, and what turns the writing direction around: it would not read as it is stored. */
const CONTROLS = /[\u0000-\u001F\u007F-\u009F\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF\uFFFE\uFFFF]/g;
const LONE_SURROGATES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/**
 * Text from outside (names, error messages of services) as one harmless line: line breaks and tabs become one space,
 * escape sequences and control characters vanish, halves of characters become "�".
 */
export function plainText(text: string): string {
  return text
    .replace(ESCAPE_SEQUENCES, '')
    .replace(LINE_BREAKS, ' ')
    .replace(CONTROLS, '')
    .replace(LONE_SURROGATES, '\uFFFD');
}

/** A space between an amount and its unit, or between a comparison and its amount, at which a line must not end. */
const INSIDE_FIGURE = /(?<=\d) (?=(?:%|ms|s|min|cores?|B|[KMGT]iB)(?![\w]))|(?<=[≥≤<>]) (?=\d)/g;

/** "≥ 99 % under 50 ms" with no-break spaces inside its figures, for whatever wraps lines. */
export function keepFiguresTogether(text: string): string {
  return text.replace(INSIDE_FIGURE, '\u00A0');
}
