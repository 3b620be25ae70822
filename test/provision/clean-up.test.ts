import { expect, test } from 'vitest';
import { CleanupError } from '../../lib/errors.ts';
import { cleanUp } from '../../lib/provision/clean-up.ts';

test('disposes of everything in reverse order, and makes one error of all failures', async () => {
  const disposed: string[] = [];
  const stack = new AsyncDisposableStack();
  for (const name of ['first', 'second', 'third', 'fourth']) {
    stack.defer(async () => {
      disposed.push(name);
      if (name === 'second') throw new CleanupError('second is still there', { hint: 'look at it' });
      if (name === 'third') throw new Error('third failed');
    });
  }
  await expect(cleanUp(stack)).rejects.toMatchObject({
    code: 'cleanup-unverified',
    exitCode: 5,
    message: 'third failed\nsecond is still there',
    hint: 'look at it',
  });
  expect(disposed).toEqual(['fourth', 'third', 'second', 'first']);
});

test('has nothing to say when all went well, also twice', async () => {
  const stack = new AsyncDisposableStack();
  let times = 0;
  stack.defer(() => void (times += 1));
  await cleanUp(stack);
  await cleanUp(stack);
  expect(times).toBe(1);
});
