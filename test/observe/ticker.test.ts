import { expect, test } from 'vitest';
import { startTicker } from '../../lib/observe/ticker.ts';
import { until } from '../helpers/until.ts';

const clock = () => performance.now();
const soon = (now: number) => now + 1;

test('ticks one after the other, and not after it is disposed of', async () => {
  let [running, most, ticks] = [0, 0, 0];
  const ticker = startTicker(clock, soon, async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise(setImmediate);
    running -= 1;
    ticks += 1;
  });
  await until('five ticks', () => ticks >= 5);
  await ticker[Symbol.asyncDispose]();
  const after = ticks;
  expect([most, running]).toEqual([1, 0]);
  await new Promise(setImmediate);
  expect(ticks).toBe(after);
});

test('disposing of it waits for the tick that is under way', async () => {
  let finish = () => {};
  let state = 'not started';
  const ticker = startTicker(clock, soon, async () => {
    state = 'under way';
    await new Promise<void>((resolve) => (finish = resolve));
    state = 'done';
  });
  await until('a tick', () => state === 'under way');
  const disposed = ticker[Symbol.asyncDispose]();
  finish();
  await disposed;
  expect(state).toBe('done');
});

test('a tick that fails shows when it is disposed of', async () => {
  let ticked = false;
  const ticker = startTicker(clock, soon, () => {
    ticked = true;
    throw new Error('disk full');
  });
  await until('a tick', () => ticked);
  await expect(ticker[Symbol.asyncDispose]()).rejects.toThrow('disk full');
});
