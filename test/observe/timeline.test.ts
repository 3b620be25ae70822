import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Second } from '../../lib/observe/observations.ts';
import { TimelineError, readTimeline, readTimelineFile, writeSecond } from '../../lib/observe/timeline.ts';
import { histograms } from './arbitraries.ts';

const amount = fc.double({ min: 0, max: 1e12, noNaN: true }).map(Math.abs);
const count = fc.nat();

const second: fc.Arbitrary<Second> = fc.record({
  t: count,
  phase: fc.string(),
  offered: amount,
  iterations: count,
  dropped: count,
  exceptions: count,
  busyVus: amount,
  startLag: histograms,
  operations: fc.array(
    fc.record(
      {
        operation: fc.string({ unit: 'grapheme' }),
        protocol: fc.constantFrom('http' as const, 'grpc' as const),
        phase: fc.string(),
        succeeded: histograms,
        failed: histograms,
        rejected: count,
        within: fc.array(fc.record({ underMs: amount, low: count, high: count }), { maxLength: 2 }),
      },
      { requiredKeys: ['operation', 'protocol', 'phase', 'succeeded', 'failed', 'rejected'] },
    ),
    { maxLength: 3 },
  ),
  runtimes: fc.array(
    fc.record(
      { source: fc.string(), heapBytes: count, gcPauseSeconds: amount, goroutines: count },
      { requiredKeys: ['source'] },
    ),
    { maxLength: 2 },
  ),
  resources: fc.array(
    fc.record({
      source: fc.string(),
      role: fc.constantFrom('service' as const, 'generator' as const, 'machine' as const),
      cpuCores: amount,
      rssBytes: count,
    }),
    { maxLength: 3 },
  ),
});

test('what was written is read back the same', () => {
  fc.assert(
    fc.property(fc.array(second, { maxLength: 4 }), (seconds) => {
      const text = seconds.map(writeSecond).join('');
      expect(text.split('\n').length).toBe(seconds.length + 1);
      expect(readTimeline(text)).toEqual(seconds);
    }),
    { numRuns: 50 },
  );
});

const LAG = '{"schema":3,"zeroThreshold":0,"zeroCount":0,"count":0,"sum":0,"buckets":[]}';
const LINE = `{"t":0,"phase":"steady","offered":1,"iterations":1,"dropped":0,"exceptions":0,"busyVus":0,"startLag":${LAG},"operations":[],"runtimes":[],"resources":[]}\n`;

test('a last line that a crash cut short is left out', () => {
  expect(readTimeline(LINE + LINE.slice(0, 40))).toHaveLength(1);
});

test.each([
  ['no JSON', `${LINE}{"t":\n${LINE}`],
  ['a missing field', `${LINE}${LINE.replace('"dropped":0,', '')}`],
  ['a negative count', `${LINE}${LINE.replace('"iterations":1', '"iterations":-1')}`],
  ['a field too many', `${LINE}${LINE.replace('{', '{"extra":1,')}`],
])('a broken line is an error that names it: %s', (_, text) => {
  expect(() => readTimeline(text)).toThrow(TimelineError);
  expect(() => readTimeline(text)).toThrow(/^line 2 /);
});

test('a file is read in pieces to the same end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-timeline-'));
  const path = join(folder, 'timeline.ndjson');
  // Letters of two bytes and lines of odd lengths, so that pieces end everywhere.
  const lines = Array.from({ length: 2_000 }, (_, t) => LINE.replace('steady', `phase-ü-${'é'.repeat(t % 97)}`));
  try {
    writeFileSync(path, lines.join('') + LINE.slice(0, 40));
    expect(await readTimelineFile(path)).toEqual(readTimeline(lines.join('')));
    writeFileSync(path, `${lines.slice(0, 1_500).join('')}{}\n${LINE}`);
    await expect(readTimelineFile(path)).rejects.toThrow(/^line 1501 /);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
