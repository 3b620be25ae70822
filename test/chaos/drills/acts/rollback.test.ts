import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ActContext } from '../../../../chaos/drills/acts/act.ts';
import { EnvironmentError } from '../../../../lib/errors.ts';
import type { Second } from '../../../../lib/observe/observations.ts';
import { until } from '../../../helpers/until.ts';
import { operation, second, times } from '../../../judge/builders.ts';
import { act } from './acting.ts';

/** Steady to 10 s, shifted to 15 s, bad to 28 s, after to 30 s. */
const ROLLBACK = {
  kind: 'rollback',
  traffic: { pricing: { canary: 50 } },
  fault: { kind: 'latency', edge: 'orders-pricing', latency: '300ms' },
  budget: { operation: 'quote', under: '100ms', atLeast: '90%' },
  within: '7s',
};

/** The clock moves on to it as soon as something was asked for: nobody waits. */
const AFTER_MS = 28_000;

let nowMs: number;
let listen: (one: Second) => void;
let asked: string[];
let end: AbortController;
let onKill: (engaged: boolean) => void;

beforeEach(() => {
  nowMs = 15_000;
  listen = () => {};
  asked = [];
  end = new AbortController();
  onKill = () => {};
});
afterEach(() => end.abort());

const context: Partial<ActContext> = {
  nowMs: () => nowMs,
  onSecond: (listener) => void (listen = listener),
  switchTraffic: async (traffic) => {
    asked.push(JSON.stringify(traffic));
    nowMs = AFTER_MS;
    await Promise.resolve();
  },
  killSwitch: async (engaged) => {
    asked.push(engaged ? 'engaged' : 'released');
    nowMs = AFTER_MS;
    onKill(engaged);
    return await Promise.resolve({ askedMs: nowMs, appliedMs: nowMs, states: [] });
  },
};

/** One after the other, of which those are slow, or empty. */
function windows(from: number, to: number, kind: 'well' | 'slow' | 'empty' = 'well'): void {
  for (let t = from; t < to; t += 1) {
    const okMs = times(50, kind === 'slow' ? 300 : 5);
    nowMs = Math.max(nowMs, (t + 1) * 1_000 + 1_500);
    listen(second({ t, operations: kind === 'empty' ? [] : [operation({ okMs })] }));
  }
}

test('rolls back when the budget was broken in two windows in a row, and takes that back at the end', async () => {
  const acting = act(ROLLBACK, { ...context, signal: end.signal });
  await until('it listens', () => listen.length > 0);
  windows(0, 15);
  windows(15, 16, 'slow');
  windows(16, 17);
  windows(17, 18, 'slow');
  expect(asked).toEqual([]);
  windows(18, 19, 'slow');
  await until('it was asked', () => asked.length > 0);
  const { seen } = await acting;
  expect(asked).toEqual(['engaged', '{"pricing":"off"}', 'released']);
  expect(seen.marks?.map(({ event, atMs }) => [event, atMs])).toEqual([
    ['detected', 17_500],
    ['asked', 20_500],
    ['applied', AFTER_MS],
  ]);
});

test('requests that do not end any more are a broken budget, too', async () => {
  const acting = act(ROLLBACK, { ...context, signal: end.signal });
  await until('it listens', () => listen.length > 0);
  windows(8, 15);
  windows(15, 17, 'empty');
  await until('it was asked', () => asked.length > 0);
  expect((await acting).seen.marks).toHaveLength(3);
});

test('moves traffic where that is how it is done', async () => {
  const acting = act({ ...ROLLBACK, by: { traffic: { pricing: 'shadow' } } }, { ...context, signal: end.signal });
  await until('it listens', () => listen.length > 0);
  windows(15, 17, 'slow');
  await until('it was asked', () => asked.length > 0);
  await acting;
  expect(asked).toEqual(['{"pricing":"shadow"}', '{"pricing":"off"}']);
});

test('does nothing where the budget holds', async () => {
  const acting = act(ROLLBACK, { ...context, signal: end.signal });
  await until('it listens', () => listen.length > 0);
  windows(15, 27);
  end.abort();
  expect((await acting).seen.marks).toEqual([]);
  expect(asked).toEqual([]);
});

test.each([
  ['kill-switch-not-applied', undefined, 'reads back false'],
  ['kill-switch-failed', 'reads back false', undefined],
])('a kill switch that fails: %s', async (code, problem, notApplied) => {
  onKill = (engaged) => {
    if (engaged) throw new EnvironmentError(code, 'reads back false');
  };
  const acting = act(ROLLBACK, { ...context, signal: end.signal });
  await until('it listens', () => listen.length > 0);
  windows(15, 17, 'slow');
  await until('it was asked', () => asked.length > 0);
  const { seen } = await acting;
  expect(seen.problem).toBe(problem);
  expect(seen.records?.rollback?.notApplied).toBe(notApplied);
});
