import { expect, test } from 'vitest';
import { type ProcessReading, processTree } from '../../lib/observe/process-tree.ts';

const reading = (pid: number, parent: number, ownSeconds: number, more: Partial<ProcessReading> = {}) =>
  [pid, { pid, parent, started: pid, ownSeconds, endedChildrenSeconds: 0, rssBytes: 10, ...more }] as const;

const stranger = reading(99, 1, 1_000);

test('a process counts with its children and theirs, but not with strangers', () => {
  const tree = processTree(5);
  expect(tree.update(new Map([stranger, reading(7, 6, 3), reading(6, 5, 2), reading(5, 1, 1)]))).toEqual({
    cpuSeconds: 0,
    rssBytes: 30,
  });
  expect(tree.pids().toSorted((a, b) => a - b)).toEqual([5, 6, 7]);
  const after = tree.update(new Map([stranger, reading(7, 6, 3.5), reading(6, 5, 2), reading(5, 1, 1.25)]));
  expect(after).toEqual({ cpuSeconds: 0.75, rssBytes: 30 });
});

test('a new child counts from its start', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 1)]));
  expect(tree.update(new Map([reading(5, 1, 1), reading(6, 5, 0.5)]))?.cpuSeconds).toBe(0.5);
});

test('the time of an ended child stays, without being counted twice', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 1), reading(6, 5, 2)]));
  tree.update(new Map([reading(5, 1, 1), reading(6, 5, 3)]));
  // It used 0.5 s more after the last reading, then its parent waited for it.
  expect(tree.update(new Map([reading(5, 1, 1, { endedChildrenSeconds: 3.5 })]))?.cpuSeconds).toBe(1.5);
});

test('the time of a child that nobody waited for does not turn the figure back', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 1), reading(6, 5, 2)]));
  tree.update(new Map([reading(5, 1, 1), reading(6, 5, 3)]));
  expect(tree.update(new Map([reading(5, 1, 1.25)]))?.cpuSeconds).toBe(1.25);
});

test('a child whose parent ended before it is still counted', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 0), reading(6, 5, 0)]));
  expect(tree.update(new Map([reading(6, 1, 2)]))).toEqual({ cpuSeconds: 2, rssBytes: 10 });
});

test('another process with the same id is not it', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 1)]));
  expect(tree.update(new Map([reading(5, 1, 9, { started: 1_234 })]))).toBeUndefined();
});

test('when all have ended there is no figure any more', () => {
  const tree = processTree(5);
  tree.update(new Map([reading(5, 1, 1)]));
  expect(tree.update(new Map([stranger]))).toBeUndefined();
  expect(tree.update(new Map([stranger, reading(5, 1, 1)]))).toBeUndefined();
});
