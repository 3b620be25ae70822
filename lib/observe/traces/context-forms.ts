/** A traceparent as it should not be, or for comparison as it should. */
export interface ContextForm {
  readonly form: string;
  /** Made of a valid trace id that is used nowhere else; null: none is sent. */
  readonly of: (traceId: string) => string | null;
}

export const VALID = 'valid';
export const NONE = 'none';

/** Each way in which one breaks the rules of W3C Trace Context (level 1, 3.2.2). Trace ids must have a letter. */
export const MALFORMED: readonly ContextForm[] = [
  { form: 'upper case', of: (id) => `00-${id.toUpperCase()}-${spanOf(id)}-01` },
  { form: 'trace id of zeros', of: (id) => `00-${'0'.repeat(32)}-${spanOf(id)}-01` },
  { form: 'span id of zeros', of: (id) => `00-${id}-${'0'.repeat(16)}-01` },
  { form: 'trace id too short', of: (id) => `00-${id.slice(0, -2)}-${spanOf(id)}-01` },
  { form: 'trace id too long', of: (id) => `00-${id}00-${spanOf(id)}-01` },
  { form: 'not hexadecimal', of: (id) => `00-${id.slice(0, -1)}g-${spanOf(id)}-01` },
  { form: 'version ff', of: (id) => `ff-${id}-${spanOf(id)}-01` },
  { form: 'version 00 with more fields', of: (id) => `00-${id}-${spanOf(id)}-01-more` },
  { form: 'without flags', of: (id) => `00-${id}-${spanOf(id)}` },
];

/** Of a traceparent that is made of a trace id. */
export function spanOf(traceId: string): string {
  return `${traceId.slice(0, 15)}1`;
}

/** What trace ids have in common that were taken from a malformed one all the same, cut short or filled up. */
export function takenPrefix(traceId: string): string {
  return traceId.slice(0, 28);
}
