import { expect, test } from 'vitest';
import { parseRateShape } from '../../lib/plan/rate-shape.ts';

const points = (text: string) => parseRateShape(text).points.map(({ offsetMs, perSecond }) => [offsetMs, perSecond]);

test.each([
  [
    'seconds, with a heading',
    'time,rate\n0,10\n60,20\n',
    [
      [0, 10],
      [60_000, 20],
    ],
  ],
  [
    'seconds that do not start at 0',
    '100,1\n101.5,2',
    [
      [0, 1],
      [1_500, 2],
    ],
  ],
  [
    'hh:mm',
    '08:00,5\n20:30,7',
    [
      [0, 5],
      [45_000_000, 7],
    ],
  ],
  [
    'hh:mm:ss and ";"',
    '00:00:10;5\r\n00:01:10;7\r\n',
    [
      [0, 5],
      [60_000, 7],
    ],
  ],
  [
    'ISO 8601',
    '2026-03-01T00:00:00Z,5\n2026-03-01T01:00:00Z,7',
    [
      [0, 5],
      [3_600_000, 7],
    ],
  ],
  [
    'quoted cells and blank lines',
    '"0","1"\n\n"5","2"\n',
    [
      [0, 1],
      [5_000, 2],
    ],
  ],
  [
    'a jump: two lines of one time',
    '0,1\n5,1\n5,9\n10,9',
    [
      [0, 1],
      [5_000, 1],
      [5_000, 9],
      [10_000, 9],
    ],
  ],
])('reads %s', (_, text, expected) => {
  expect(points(text)).toEqual(expected);
});

test('refuses more lines than a virtual user can hold', () => {
  const text = Array.from({ length: 2_001 }, (_, second) => `${second},1`).join('\n');
  expect(() => parseRateShape(text)).toThrow('has 2001 lines: at most 2000');
});

test.each([
  ['', 'at least two lines'],
  ['time,rate\n', 'at least two lines'],
  ['0,1\n0,2', 'at least two lines of different times'],
  ['0,1\n5,fast', 'line 2: "5,fast": the rate'],
  ['0,1\n5,-1', 'line 2: "5,-1": the rate'],
  ['0,1\n5', 'line 2: "5": the rate'],
  ['0,1\nnoon,1', 'line 2: "noon,1": the time'],
  ['0,1\n9,1\n8,1', 'line 3: "8,1": earlier'],
  ['0,1,x\n9,1', 'line 1: "0,1,x" has more than two columns'],
])('refuses %j', (text, message) => {
  expect(() => parseRateShape(text)).toThrow(message);
});
