import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AnswerStep, answerReader } from '../../../../chaos/tap/http1/answer-reader.ts';
import { bodyReader } from '../../../../chaos/tap/http1/body-reader.ts';
import { answerFraming, requestFraming } from '../../../../chaos/tap/http1/framing.ts';
import { type Head, parseHead, parseRequestLine, parseStatus } from '../../../../chaos/tap/http1/head.ts';

function head(...lines: string[]): Head {
  const parsed = parseHead(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`));
  if (typeof parsed === 'string') throw new Error(parsed);
  return parsed;
}

describe('heads', () => {
  test('names are lower case, several of one name are a list, folded lines are one', () => {
    const { headers, startLine } = head('GET / HTTP/1.1', 'X-A: 1', 'x-a:  2 ', 'B: one', '\ttwo');
    expect(startLine).toBe('GET / HTTP/1.1');
    expect(Object.fromEntries(headers)).toEqual({ 'x-a': '1, 2', b: 'one two' });
  });
  test('lines may end with LF alone, and empty lines may come before', () => {
    const bytes = Buffer.from('\r\n\nGET / HTTP/1.1\nA: 1\n\nbody');
    expect(parseHead(bytes)).toMatchObject({ length: bytes.length - 4, startLine: 'GET / HTTP/1.1' });
  });
  test.each(['', 'GET / HTTP/1.1', 'GET / HTTP/1.1\r\nA: 1\r\n', 'GET / HTTP/1.1\r\nA: 1\r\n\r'])(
    '%j is not whole',
    (text) => {
      expect(parseHead(Buffer.from(text))).toBe('incomplete');
    },
  );
  test.each(['G\r\nno colon\r\n\r\n', 'G\r\nA : 1\r\n\r\n', 'G\r\n: 1\r\n\r\n', 'G\r\n folded\r\n\r\n'])(
    '%j is bad',
    (text) => {
      expect(parseHead(Buffer.from(text))).toBe('bad');
    },
  );
  test('any bytes can be looked at', () => {
    const look = fc.property(fc.uint8Array(), (bytes) => void parseHead(Buffer.from(bytes)));
    expect(fc.check(look)).toMatchObject({ failed: false });
  });
  test.each([
    ['GET / HTTP/1.1', true],
    ['PRI * HTTP/2.0', false],
    ['GET /', false],
    ['GET  / HTTP/1.1', false],
  ])('request line "%s": %s', (line, ok) => {
    expect(parseRequestLine(line) !== undefined).toBe(ok);
  });
  test.each([
    ['HTTP/1.1 200 OK', 200],
    ['HTTP/1.0 404', 404],
    ['HTTP/2 200', undefined],
    ['ICY 200 OK', undefined],
  ])('status line "%s": %s', (line, status) => {
    expect(parseStatus(line)).toBe(status);
  });
});

test.each([
  [[], 'none'],
  [['Content-Length: 0'], 'none'],
  [['Content-Length: 5'], 'length'],
  [['Content-Length: 5', 'Content-Length: 5'], 'length'],
  [['Content-Length: 5', 'Content-Length: 6'], 'bad'],
  [['Content-Length: -1'], 'bad'],
  [['Transfer-Encoding: gzip, chunked', 'Content-Length: 5'], 'chunked'],
  [['Transfer-Encoding: gzip'], 'bad'],
])('a request with %j has a body: %s', (lines, type) => {
  expect(requestFraming(head('POST / HTTP/1.1', ...lines)).type).toBe(type);
});

test.each([
  [200, 'GET', [], 'until-close'],
  [200, 'GET', ['Content-Length: 5'], 'length'],
  [200, 'HEAD', ['Content-Length: 5'], 'none'],
  [304, 'GET', ['Content-Length: 5'], 'none'],
  [204, 'GET', ['Transfer-Encoding: chunked'], 'none'],
  [200, 'GET', ['Transfer-Encoding: chunked'], 'chunked'],
  [200, 'GET', ['Transfer-Encoding: gzip'], 'until-close'],
] as const)('an answer %s to %s with %j has a body: %s', (status, method, lines, type) => {
  expect(answerFraming(head('HTTP/1.1 200 OK', ...lines), status, method).type).toBe(type);
});

describe('bodies', () => {
  const chunk = (data: string, extension: string): string =>
    `${Buffer.byteLength(data).toString(16)}${extension}\r\n${data}\r\n`;

  test('a chunked body ends where it ends, however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.constantFrom('', ';x=1', ' '))),
        fc.constantFrom('', 'Checksum: 1\r\n', 'A: 1\r\nB: 2\r\n'),
        fc.infiniteStream(fc.integer({ min: 1, max: 7 })),
        (chunks, trailers, sizes) => {
          const text = `${chunks.map(([data, extension]) => chunk(data, extension)).join('')}0\r\n${trailers}\r\n`;
          const bytes = Buffer.from(`${text}next message`);
          const reader = bodyReader({ type: 'chunked' });
          let taken = 0;
          while (!reader.done()) {
            const piece = bytes.subarray(taken, taken + (sizes.next().value ?? 1));
            taken += reader.take(piece, 0);
          }
          expect(taken).toBe(Buffer.byteLength(text));
        },
      ),
    );
  });
  test.each(['x\r\n', '5\r\nhelloX', '-1\r\n', '\r\n', '1'.repeat(70_000)])('%j is no chunked body', (text) => {
    const reader = bodyReader({ type: 'chunked' });
    reader.take(Buffer.from(text), 0);
    expect([reader.bad(), reader.done()]).toEqual([true, false]);
  });
  test('a counted body takes what is its own', () => {
    const reader = bodyReader({ type: 'length', bytes: 5 });
    expect([reader.take(Buffer.from('xhel'), 1), reader.take(Buffer.from('lo next'), 0), reader.done()]).toEqual([
      3,
      2,
      true,
    ]);
  });
});

test('an answer is told piece by piece', () => {
  const reader = answerReader('GET');
  const text = (step: AnswerStep): string => JSON.stringify(step);
  const steps = [
    'HTTP/1.1 100 Continue\r\n\r\nrest',
    'HTTP/1.1 2',
    'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab',
    'c!',
  ];
  expect(steps.map((piece) => text(reader.take(Buffer.from(piece))))).toEqual([
    text({ type: 'interim', count: 25 }),
    text({ type: 'incomplete' }),
    text({ type: 'final', count: 40, done: false }),
    text({ type: 'final', count: 1, done: true }),
  ]);
  expect(reader.status()).toBe(200);
});
