import { expect, test } from 'vitest';
import { requirement } from './require.ts';

test.each([
  ['what is there is used', true, {}, { skip: false, reason: '' }],
  ['what is there is used, required or not', true, { CUTOVER_REQUIRE: 'chromium' }, { skip: false, reason: '' }],
  ['what is missing is skipped with the reason', false, {}, { skip: true, reason: 'skipped: no browser' }],
  [
    'another requirement changes nothing',
    false,
    { CUTOVER_REQUIRE: 'docker' },
    { skip: true, reason: 'skipped: no browser' },
  ],
])('%s', (_name, available, env, expected) => {
  expect(requirement('chromium', available, 'no browser', env)).toEqual(expected);
});

test('what is missing but required is an error', () => {
  const require = () => requirement('chromium', false, 'no browser', { CUTOVER_REQUIRE: 'docker, chromium' });
  expect(require).toThrow('chromium is required by CUTOVER_REQUIRE, but no browser');
});
