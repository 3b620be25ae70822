import { describe, expect, test } from 'vitest';
import { UsageError } from '../../lib/errors.ts';
import { PlanError } from '../../lib/plan/problem.ts';
import { KIND_NAMES } from '../../lib/sweep/kinds.ts';
import type { SweepOptions } from '../../lib/sweep/settings.ts';
import { planOf, sweepOf } from './plans.ts';

function refusal(options: SweepOptions, plan = planOf()): string {
  try {
    sweepOf(options, plan);
  } catch (error) {
    if (error instanceof PlanError || error instanceof UsageError) return `${error.message}\n${error.hint ?? ''}`;
    throw error;
  }
  throw new Error('it was taken');
}

const kindsOn = (edge: string, { tracks } = sweepOf()) =>
  tracks.filter((track) => track.edge === edge).map(({ kind }) => kind);

describe('by default', () => {
  test('every kind is tried on every edge where it makes sense, for 5 s, within 10 minutes', () => {
    const sweep = sweepOf();
    expect(sweep).toMatchObject({ edges: ['pricing', 'ledger', 'store'], forMs: 5_000, timeLimitMs: 600_000 });
    expect(kindsOn('pricing')).toEqual(KIND_NAMES);
    // The same service is behind two edges: once is enough.
    expect(kindsOn('ledger')).toEqual(KIND_NAMES.filter((kind) => !['pause', 'kill', 'cpu-pressure'].includes(kind)));
    expect(kindsOn('store').filter((kind) => kind.startsWith('request-'))).toEqual([]);
  });

  test('what is left out has a reason', () => {
    const why = Object.fromEntries(sweepOf().leftOut.map(({ edge, kind, why: text }) => [`${edge} ${kind}`, text]));
    expect(why).toMatchObject({
      'ledger kill': 'engine is behind the edge pricing too: see there',
      'store kill': 'its callee is no service that the harness starts',
      'store request-hang': 'the edge carries bytes of an unknown protocol: it has no requests',
    });
  });

  test('over gRPC connections are all hit or none', () => {
    const shares = (edge: string) =>
      sweepOf()
        .tracks.find((track) => track.edge === edge && track.kind === 'reset')
        ?.ladder.map(({ text }) => text);
    expect(shares('pricing')).toEqual(['100%']);
    expect(shares('ledger')).toEqual(['5%', '20%', '50%', '100%']);
  });

  test('a service stands still no longer than a fault lasts', () => {
    const pauses = (time: string) =>
      sweepOf({ for: time })
        .tracks.find(({ kind }) => kind === 'pause')
        ?.ladder.map(({ text }) => text);
    expect(pauses('5s')).toEqual(['200ms', '1s', '5s']);
    expect(pauses('2s')).toEqual(['200ms', '1s']);
  });
});

test('what is asked for is what is tried', () => {
  const sweep = sweepOf({
    edges: 'ledger',
    faults: 'latency, bandwidth',
    intensities: ['latency=200ms,10ms', 'bandwidth=1kB,50kB/s'],
    timeLimit: '3m',
    for: '8s',
  });
  expect(sweep).toMatchObject({ edges: ['ledger'], forMs: 8_000, timeLimitMs: 180_000 });
  expect(sweep.tracks.map(({ kind, ladder }) => [kind, ladder.map(({ text }) => text)])).toEqual([
    ['latency', ['10ms', '200ms']],
    ['bandwidth', ['50kB/s', '1kB/s']],
  ]);
});

describe('nonsense is refused with where, what and what to do', () => {
  test.each<[SweepOptions, RegExp]>([
    [{ edges: 'ledgr' }, /command line: --edges: unknown edge \(is "ledgr"\)\n.*did you mean "ledger"\?/],
    [{ edges: 'ledger,,store' }, /--edges: has an empty place \(is "ledger,,store"\)/],
    [{ edges: 'ledger,ledger' }, /--edges: is given twice \(is "ledger"\)/],
    [{ faults: 'latencyy' }, /--faults: unknown kind of fault \(is "latencyy"\)\n.*did you mean "latency"\?/],
    [{ faults: 'request-fail', edges: 'store' }, /--faults: cannot be tried on any.*"request-fail".*\n.*no requests/],
    [{ faults: 'kill', edges: 'store' }, /"kill"\)\n.*no service that the harness starts/],
    [{ intensities: ['10ms'] }, /--intensities: must be kind=intensities \(is "10ms"\)\n.*latency=10ms/],
    [{ intensities: ['latncy=10ms'] }, /--intensities: unknown kind of fault \(is "latncy"\)\n.*"latency"/],
    [{ faults: 'down', intensities: ['latency=10ms'] }, /"latency"\)\n.*add it to --faults/],
    [{ intensities: ['latency=10ms', 'latency=20ms'] }, /--intensities: is given twice \(is "latency"\)/],
    [{ intensities: ['latency=10'] }, /--intensities latency: must be a duration above 0.*\(is "10"\)\n.*how late/],
    [{ intensities: ['latency=10ms,0.01s'] }, /--intensities latency: is given twice \(is "10ms"\)/],
    [{ intensities: ['flapping=95%'] }, /--intensities flapping: must be a percentage.*at least 1%, at most 90%/],
    [{ intensities: ['down=1s'] }, /--intensities down: has one intensity only/],
    [{ faults: 'reset', edges: 'pricing', intensities: ['reset=20%'] }, /"reset"\)\n.*all or nothing/],
    [{ for: '5' }, /--for: must be a duration above 0 \(is "5"\)/],
    [{ for: '500ms' }, /--for: must be 2s to 5m \(is "500ms"\)/],
    [{ timeLimit: 'ten' }, /--time-limit: must be a duration above 0 \(is "ten"\)/],
    [{ timeLimit: '10s' }, /--time-limit: is too short for a single cell \(is "10s"\)\n.*one cell takes 24s or so/],
  ])('%j', (options, message) => {
    expect(refusal(options)).toMatch(message);
  });

  test('all at once', () => {
    expect(refusal({ edges: 'x', faults: 'y', for: 'z' }).match(/command line:/g)).toHaveLength(3);
  });

  test('an experiment that has nothing to break', () => {
    expect(refusal({}, planOf({ budgets: [] }))).toMatch(/checkout: no budget in the phase "steady"/);
    expect(refusal({}, planOf({ steady: 'other' }))).toMatch(/no phase "other".*\n.*load\.steady/);
    const system = { ...planOf().system, edges: {} };
    expect(refusal({}, planOf({ system }))).toMatch(/--edges: the system has no edges/);
  });
});
