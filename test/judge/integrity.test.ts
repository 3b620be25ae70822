import { describe, expect, test } from 'vitest';
import { judgeIntegrity } from '../../lib/judge/integrity.ts';
import type { Observations } from '../../lib/observe/observations.ts';
import { healthy, planOf } from './builders.ts';

const PLAN = planOf({});

function judged(parts: Partial<Observations>) {
  const [system, load] = judgeIntegrity(PLAN, { ...healthy(PLAN), ...parts });
  return { system, load };
}

function exit(code: number | null, signal: string | null = null): Partial<Observations> {
  return { generator: { ...healthy(PLAN).generator, exit: { code, signal } } };
}

describe('judgeIntegrity', () => {
  test.each<[string, Partial<Observations>, string, RegExp]>([
    ['all alive', {}, 'pass', /35 seconds/],
    [
      'a service died',
      { incidents: [{ atMs: 12_300, source: 'engine', message: 'ended with SIGKILL' }] },
      'fail',
      /^engine: ended with SIGKILL \(12\.3 s after/,
    ],
    [
      'the proxy died',
      { incidents: [{ atMs: 1, source: 'toxiproxy', message: 'ended' }] },
      'inconclusive',
      /^toxiproxy: ended/,
    ],
    ['nothing observed', { seconds: [] }, 'inconclusive', /nothing was observed/],
  ])('system: %s', (_, parts, outcome, reason) => {
    const { system } = judged(parts);
    expect(system?.reason).toMatch(reason);
    expect(system?.outcome).toBe(outcome);
  });

  test.each<[string, Partial<Observations>, string, RegExp]>([
    ['ran to its end', {}, 'pass', /whole load/],
    ['drained after its end', { loadEndMs: 41_000 }, 'pass', /whole load/],
    ['a second early', { loadEndMs: 34_000 }, 'pass', /whole load/],
    ['cut short', { loadEndMs: 33_900 }, 'inconclusive', /^the load ended after 33\.9 s, planned were 35 s$/],
    ['thresholds', exit(99), 'inconclusive', /^the load generator ended early: thresholds .*\(exit code 99\)$/],
    ['exception', exit(107), 'inconclusive', /an exception in the script \(exit code 107\)/],
    ['unknown code', exit(42), 'inconclusive', /an unknown error \(exit code 42\)/],
    ['killed', exit(null, 'SIGKILL'), 'inconclusive', /killed by SIGKILL/],
    ['unknown end', exit(null), 'inconclusive', /not known/],
    ['nothing observed', { seconds: [] }, 'inconclusive', /nothing was observed/],
  ])('load: %s', (_, parts, outcome, reason) => {
    const { load } = judged(parts);
    expect(load?.reason).toMatch(reason);
    expect(load?.outcome).toBe(outcome);
  });
});
