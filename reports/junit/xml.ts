import { plainText } from '../format/plain-text.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  // A line break as it is would be indented with the elements, and would be a space in an attribute.
  '\n': '&#10;',
};

/**
 * Text as it may stand in an element or an attribute. What XML 1.0 forbids even as a character reference
 * (https://www.w3.org/TR/xml/#charsets) is among what `plainText` takes out; line breaks are kept.
 */
export function escapeXml(text: string): string {
  const lines = text.split('\n').map(plainText);
  return lines.join('\n').replace(/[&<>"'\n]/g, (character) => ENTITIES[character] ?? '');
}

/** One element with its attributes; without children it closes itself. Children are XML already. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[] = [],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escapeXml(String(value))}"`);
  const open = `<${name}${written.join('')}`;
  if (children.length === 0) return `${open}/>`;
  return `${open}>\n${indent(children.join('\n'))}\n</${name}>`;
}

/** An element that holds text alone. */
export function textElement(name: string, attributes: Readonly<Record<string, string>>, text: string): string {
  return `${element(name, attributes).slice(0, -2)}>${escapeXml(text)}</${name}>`;
}

function indent(xml: string): string {
  return xml.replace(/^(?=.)/gm, '  ');
}
