import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RuleBook, ruleBook } from '../../../chaos/tap/rule-book.ts';
import type { TapRule } from '../../../chaos/tap/rule.ts';

const FAIL: TapRule = { id: 'fail', edge: 'e', seed: 1, action: { type: 'fail', status: 503 }, forMs: 1_000 };
const HANG: TapRule = { ...FAIL, id: 'hang', action: { type: 'hang' } };

let book: RuleBook;
beforeEach(() => {
  vi.useFakeTimers();
  book = ruleBook();
});
afterEach(() => {
  book.close();
  vi.useRealTimers();
});

const decided = (operation = 'GET /'): string => {
  const decision = book.decide(operation);
  return decision.type === 'pass' ? 'pass' : decision.rule;
};

test('without rules everything passes', () => {
  expect(decided()).toBe('pass');
});

test('the first that matches acts, in the order they were set', () => {
  book.set({ ...FAIL, operations: ['GET /a'], first: 1 });
  book.set({ ...HANG, first: 2 });
  expect([decided('GET /b'), decided('GET /a'), decided('GET /a'), decided('GET /a')]).toEqual([
    'hang',
    'fail',
    'pass',
    'pass',
  ]);
  // Each counts what it matches, also what another one took.
  expect(book.list()).toMatchObject([
    { id: 'fail', matched: 3, acted: 1 },
    { id: 'hang', matched: 4, acted: 1 },
  ]);
});

test('set again it begins anew, behind the others', () => {
  book.set({ ...FAIL, first: 1 });
  book.set(HANG);
  expect([decided(), decided()]).toEqual(['fail', 'hang']);
  book.set({ ...FAIL, first: 1 });
  expect(book.list()).toMatchObject([{ id: 'hang' }, { id: 'fail', matched: 0, acted: 0 }]);
  expect(decided()).toBe('hang');
});

test('removed it gives its counters and lets go of what hangs', () => {
  book.set(HANG);
  const resets: string[] = [];
  const hold = (name: string): (() => void) => {
    const decision = book.decide('GET /');
    if (decision.type !== 'hang') throw new Error('not hung');
    return decision.hold(() => resets.push(name));
  };
  hold('a');
  const letGo = hold('b');
  letGo();
  expect(book.remove('hang')).toEqual({ matched: 2, acted: 2 });
  expect(resets).toEqual(['a']);
  expect(book.remove('hang')).toBeUndefined();
  expect(decided()).toBe('pass');
});

test('after its lease it is gone, what hangs is reset, and the counters can be fetched once', () => {
  book.set(HANG);
  let reset = false;
  const decision = book.decide('GET /');
  if (decision.type === 'hang') decision.hold(() => (reset = true));
  vi.advanceTimersByTime(999);
  expect([reset, book.list().length]).toEqual([false, 1]);
  vi.advanceTimersByTime(1);
  expect([reset, book.list().length, decided()]).toEqual([true, 0, 'pass']);
  expect(book.remove('hang')).toEqual({ matched: 1, acted: 1 });
  expect(book.remove('hang')).toBeUndefined();
});
