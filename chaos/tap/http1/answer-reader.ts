import { type BodyReader, bodyReader } from './body-reader.ts';
import { answerFraming } from './framing.ts';
import { MAX_HEAD_BYTES, parseHead, parseStatus } from './head.ts';

/** What the next bytes of a callee are, of which `count` belong to it. */
export type AnswerStep =
  /** The head is not whole yet. */
  | { readonly type: 'incomplete' }
  /** 1xx: the final answer is to come. */
  | { readonly type: 'interim'; readonly count: number }
  | { readonly type: 'final'; readonly count: number; readonly done: boolean }
  /** From here on the connection speaks another protocol. */
  | { readonly type: 'tunnel' }
  /** No HTTP, or no end to be found. */
  | { readonly type: 'bad' };

/** Follows the answer to one request, over bytes that are passed on as they are. */
export interface AnswerReader {
  take(bytes: Buffer): AnswerStep;
  /** Of the final answer, once its head was there. */
  readonly status: () => number | undefined;
  /** Whether the callee's end is the answer's end. */
  readonly untilClose: () => boolean;
}

export function answerReader(method: string): AnswerReader {
  let status: number | undefined;
  let body: BodyReader | undefined;
  let untilClose = false;

  const takeBody = (reader: BodyReader, bytes: Buffer, offset: number): AnswerStep => {
    const count = offset + reader.take(bytes, offset);
    return reader.bad() ? { type: 'bad' } : { type: 'final', count, done: reader.done() };
  };
  return {
    take(bytes) {
      if (body !== undefined) return takeBody(body, bytes, 0);
      const head = parseHead(bytes);
      if (head === 'incomplete' && bytes.length <= MAX_HEAD_BYTES) return { type: 'incomplete' };
      const said = typeof head === 'string' ? undefined : parseStatus(head.startLine);
      if (typeof head === 'string' || said === undefined) return { type: 'bad' };
      if (said < 200 && said !== 101) return { type: 'interim', count: head.length };
      status = said;
      if (said === 101 || (method === 'CONNECT' && said < 300)) return { type: 'tunnel' };
      const framing = answerFraming(head, said, method);
      untilClose = framing.type === 'until-close';
      body = bodyReader(framing);
      return takeBody(body, bytes, head.length);
    },
    status: () => status,
    untilClose: () => untilClose,
  };
}
