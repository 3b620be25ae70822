import { STATUS_CODES } from 'node:http';

/** The tap's own answer, in the callee's place: a status and no body. */
export function failureAnswer(status: number, closes: boolean): Buffer {
  const lines = [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}`];
  if (status !== 204 && status !== 304) lines.push('content-length: 0');
  if (closes) lines.push('connection: close');
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
