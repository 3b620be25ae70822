import { describe, expect, it } from 'vitest';
import type { BuildProgress } from '../../lib/toolchain/build-progress.ts';
import { createProgressWriter, progressText } from '../../lib/toolchain/progress-bar.ts';
import type { ProgressStream } from '../../lib/toolchain/progress-bar.ts';

const at = (done: number, phase: BuildProgress['phase'] = 'build'): BuildProgress => ({
  tool: 'k6',
  phase,
  done,
  total: 12,
});

describe('progressText', () => {
  it.each([
    [at(0), 'k6: building packages [........................] 0/12'],
    [at(6), 'k6: building packages [############............] 6/12'],
    [at(12), 'k6: building packages [########################] 12/12'],
    [at(3, 'download'), 'k6: downloading Go modules [######..................] 3/12'],
    [{ ...at(7), total: 0 }, 'k6: building packages 7'],
    [at(0, 'wait'), 'k6: waiting for another process that is building it'],
  ])('%j', (progress, expected) => {
    expect(progressText(progress)).toBe(expected);
  });
});

describe('the writer', () => {
  it('redraws one line on a terminal, no wider than it, and ends it with the build', () => {
    const { stream, out } = record(true, 10);
    const show = createProgressWriter(stream);
    show(at(1));
    show(at(12));
    show[Symbol.dispose]();
    expect(out).toEqual(['\r\u001B[Kk6: build', '\r\u001B[Kk6: build\n']);
  });

  it('gives waiting a line of its own on a terminal', () => {
    const { stream, out } = record(true);
    using show = createProgressWriter(stream);
    show(at(0, 'wait'));
    expect(out).toEqual(['\r\u001B[Kk6: waiting for another process that is building it\n']);
  });

  it('ends a line on a terminal that an interrupted build left', () => {
    const { stream, out } = record(true);
    {
      using show = createProgressWriter(stream);
      show(at(1));
    }
    expect(out.at(-1)).toBe('\n');
  });

  it('writes a line at most every five seconds elsewhere, and at each new phase and the end', () => {
    const { stream, out } = record(false);
    let nowMs = 0;
    const show = createProgressWriter(stream, () => nowMs);
    for (const [ms, progress] of [
      [0, at(0, 'download')],
      [1, at(1, 'download')],
      [2, at(0)],
      [4_999, at(1)],
      [5_002, at(2)],
      [5_003, at(3)],
      [5_004, at(12)],
    ] as const) {
      nowMs = ms;
      show(progress);
    }
    expect(out.map((line) => / (\d+)\/12\n$/.exec(line)?.[1])).toEqual(['0', '0', '2', '12']);
  });
});

function record(isTTY: boolean, columns = 80): { readonly stream: ProgressStream; readonly out: string[] } {
  const out: string[] = [];
  return { out, stream: { isTTY, columns, write: (text) => out.push(text) } };
}
