import { expect, test } from 'vitest';
import { usageHistory } from '../../lib/observe/usage-history.ts';

test('CPU is interpolated at the edges of the window, memory is the first reading after it', () => {
  const history = usageHistory();
  history.add(500, { cpuSeconds: 10, rssBytes: 100 });
  history.add(1_500, { cpuSeconds: 11, rssBytes: 200 });
  history.add(2_500, { cpuSeconds: 11.5, rssBytes: 300 });
  expect(history.between(1_000, 2_000)).toEqual({ cpuCores: 0.75, rssBytes: 300 });
  expect(history.between(500, 1_500)).toEqual({ cpuCores: 1, rssBytes: 200 });
});

test('what was not seen on both sides is not made up', () => {
  const history = usageHistory();
  history.add(1_000, { cpuSeconds: 1, rssBytes: 1 });
  expect(history.between(0, 1_000)).toBeUndefined();
  expect(history.between(1_000, 2_000)).toBeUndefined();
  history.add(4_000, { cpuSeconds: 2, rssBytes: 1 });
  expect(history.between(2_000, 3_000)).toBeUndefined();
});

test('a process that was replaced starts anew', () => {
  const history = usageHistory();
  history.add(0, { cpuSeconds: 5, rssBytes: 1 });
  history.add(1_000, { cpuSeconds: 6, rssBytes: 1 });
  history.add(2_000, { cpuSeconds: 0.5, rssBytes: 1 });
  history.add(3_000, { cpuSeconds: 0.75, rssBytes: 1 });
  expect(history.between(1_000, 2_000)).toBeUndefined();
  expect(history.between(2_000, 3_000)).toEqual({ cpuCores: 0.25, rssBytes: 1 });
});

test('a process that is known to be another starts anew, whatever it used; what was before stays', () => {
  const history = usageHistory();
  history.add(0, { cpuSeconds: 0, rssBytes: 1 });
  history.add(1_000, { cpuSeconds: 0.5, rssBytes: 2 });
  history.startAnew();
  history.add(2_000, { cpuSeconds: 9, rssBytes: 3 });
  history.add(3_000, { cpuSeconds: 9.25, rssBytes: 4 });
  expect(history.between(0, 1_000)).toEqual({ cpuCores: 0.5, rssBytes: 2 });
  expect(history.between(500, 2_500)).toBeUndefined();
  expect(history.between(1_000, 2_000)).toBeUndefined();
  expect(history.between(2_000, 3_000)).toEqual({ cpuCores: 0.25, rssBytes: 4 });
});

test('old readings are let go, the last minute is kept', () => {
  const history = usageHistory();
  for (let s = 0; s <= 600; s += 1) history.add(s * 1_000, { cpuSeconds: s / 2, rssBytes: s });
  expect(history.between(100_000, 101_000)).toBeUndefined();
  expect(history.between(550_000, 551_000)).toEqual({ cpuCores: 0.5, rssBytes: 551 });
});
