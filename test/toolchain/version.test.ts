import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRange, isInRange, parseVersion } from '../../lib/toolchain/version.ts';

const K6 = { atLeast: '2.1.0', below: '3.0.0' };

describe('parseVersion', () => {
  it.each([
    ['2.2.0', [2, 2, 0, '']],
    ['v2.2.0', [2, 2, 0, '']],
    ['1.26', [1, 26, 0, '']],
    ['1.27rc1', [1, 27, 0, 'rc1']],
    ['2.0.0-rc1', [2, 0, 0, 'rc1']],
    ['2.0.0-0.20260101', [2, 0, 0, '0.20260101']],
    ['2.2.0+build.5', [2, 2, 0, '']],
    [' 24.21.0\n', [24, 21, 0, '']],
  ])('reads %j', (text, [major, minor, patch, prerelease]) => {
    expect(parseVersion(text)).toEqual({ major, minor, patch, prerelease });
  });

  it.each(['', 'git', 'unknown', '2', 'v', '2.x.0', '2.2.0 (go1.26)', '-1.0.0', '2..0'])('refuses %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it('reads back every release', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (major, minor, patch) => {
        expect(parseVersion(`v${major}.${minor}.${patch}`)).toEqual({ major, minor, patch, prerelease: '' });
      }),
    );
  });
});

describe('isInRange', () => {
  it.each([
    ['2.1.0', true],
    ['2.2.0', true],
    ['2.10.0', true],
    ['2.99.99', true],
    ['2.2.0-rc1', true],
    ['2.0.9', false],
    ['2.1.0-rc1', false],
    ['1.8.1', false],
    ['0.57.0', false],
    ['3.0.0', false],
    ['3.0.0-rc1', false],
    ['10.0.0', false],
    ['git', false],
  ])('%s in >=2.1.0 <3.0.0: %s', (version, expected) => {
    expect(isInRange(version, K6)).toBe(expected);
  });

  it('compares by major, then minor, then patch', () => {
    const part = fc.nat(20);
    const triple = fc.tuple(part, part, part);
    fc.assert(
      fc.property(triple, triple, (version, lowest) => {
        const actual = isInRange(version.join('.'), { atLeast: lowest.join('.') });
        expect(actual).toBe(weight(version) >= weight(lowest));
      }),
    );
  });
});

it('prints a range', () => {
  expect(formatRange(K6)).toBe('>=2.1.0 <3.0.0');
  expect(formatRange({ atLeast: '22.18.0' })).toBe('>=22.18.0');
});

function weight([major = 0, minor = 0, patch = 0]: readonly number[]): number {
  return major * 10_000 + minor * 100 + patch;
}
