import { plainText } from '../format/plain-text.ts';

/**
 * Text as it reads, in a cell of a table too: one line, no HTML, no emphasis, no links. Entities rather than backslashes
 * for what opens a tag, since those hold inside HTML blocks as well.
 */
export function escapeMarkdown(text: string): string {
  return plainText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[\\`*_[\]|~#!$]/g, String.raw`\$&`);
}
