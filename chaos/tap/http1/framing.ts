import type { Head } from './head.ts';

/** How the end of a message's body is found. `bad`: the callee will refuse it, or should. */
export type Framing =
  | { readonly type: 'none' }
  | { readonly type: 'length'; readonly bytes: number }
  | { readonly type: 'chunked' }
  | { readonly type: 'until-close' }
  | { readonly type: 'bad' };

const NONE: Framing = { type: 'none' };
const CHUNKED: Framing = { type: 'chunked' };
const UNTIL_CLOSE: Framing = { type: 'until-close' };
const BAD: Framing = { type: 'bad' };

/** RFC 9112, 6.3, for requests. */
export function requestFraming({ headers }: Head): Framing {
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) return /(?:^|,)\s*chunked$/i.test(coding) ? CHUNKED : BAD;
  return lengthFraming(headers.get('content-length')) ?? NONE;
}

/** RFC 9112, 6.3, for final answers. */
export function answerFraming({ headers }: Head, status: number, method: string): Framing {
  if (method === 'HEAD' || status === 204 || status === 304) return NONE;
  const coding = headers.get('transfer-encoding');
  if (coding !== undefined) return /(?:^|,)\s*chunked$/i.test(coding) ? CHUNKED : UNTIL_CLOSE;
  return lengthFraming(headers.get('content-length')) ?? UNTIL_CLOSE;
}

function lengthFraming(text: string | undefined): Framing | undefined {
  if (text === undefined) return undefined;
  // The same length said several times is one length.
  const [first = '', ...others] = text.split(',').map((part) => part.trim());
  if (!/^\d{1,15}$/.test(first) || others.some((other) => other !== first)) return BAD;
  return first === '0' ? NONE : { type: 'length', bytes: Number(first) };
}
