import { describe, expect, test } from 'vitest';
import type { LiveStatus } from '../../../reports/console/live-status.ts';
import { createLiveView } from '../../../reports/console/live-view.ts';
import { sparkline } from '../../../reports/console/sparkline.ts';
import { Terminal } from './terminal.ts';

function second(index: number, fields: Partial<LiveStatus> = {}): LiveStatus {
  return {
    elapsedMs: index * 1_000,
    totalMs: 60_000,
    phase: index < 10 ? 'warm-up' : 'steady',
    offeredPerSecond: 200,
    achievedPerSecond: 199,
    p50Ms: 1.2,
    p99Ms: 4.2,
    errorRatio: 0,
    dropped: 0,
    faults: [],
    cpu: [
      { source: 'engine', cores: 0.31 },
      { source: 'k6', cores: 0.2 },
    ],
    memory: [{ source: 'engine', bytes: 23 * 1024 ** 2 }],
    ...fields,
  };
}

describe('in a log', () => {
  test('one line a second, notes and phases in between, nothing to redraw', () => {
    const terminal = new Terminal(200);
    {
      using view = createLiveView({ stream: terminal, tty: false, color: false, now: () => 0 });
      view.phase('starting engine');
      view.second(second(12));
      view.note('fault slow-pricing\nis in force\u001B[2J');
      view.second(second(13, { faults: ['slow-pricing'], errorRatio: 0.0123, dropped: 3 }));
      const { p50Ms: _p50, p99Ms: _p99, ...silent } = second(14);
      view.second(silent);
    }
    expect(terminal.writes.join('')).toBe(
      [
        'starting engine',
        '00:12 steady        offered 200/s   achieved 199/s   p99 4.2 ms    errors 0 %     faults: –',
        'fault slow-pricing is in force',
        '00:13 steady        offered 200/s   achieved 199/s   p99 4.2 ms    errors 1.23 %  dropped 3  faults: slow-pricing',
        '00:14 steady        offered 200/s   achieved 199/s   p99 –         errors 0 %     faults: –',
        '',
      ].join('\n'),
    );
  });
});

describe('on a terminal', () => {
  test('the panel is redrawn in place, with lines that stay above it', () => {
    const terminal = new Terminal(100);
    const view = createLiveView({ stream: terminal, tty: true, color: true, now: () => 0 });
    view.note('edges are up');
    view.phase('starting engine');
    expect(terminal.screen).toEqual(['edges are up', '… starting engine', '']);
    expect(terminal.cursorVisible).toBe(false);

    for (let index = 1; index <= 30; index++) view.second(second(index));
    view.note('fault slow-pricing is in force');
    view.second(second(31, { faults: ['slow-pricing'], p99Ms: 1_020 }));
    expect(terminal.screen).toEqual([
      'edges are up',
      '✓ starting engine',
      'fault slow-pricing is in force',
      expect.stringMatching(/^00:31 \/ 01:00 {2}steady {2}━{9}╋━+─+ 51 %$/),
      expect.stringMatching(/^load +offered 200\/s +achieved 199\/s +dropped 0 +█{31}$/),
      expect.stringMatching(/^latency +p50 1\.2 ms +p99 1\.02 s +▁{30}█$/),
      'errors   0 %',
      'faults   ● slow-pricing',
      'cpu      engine 0.31 cores   k6 0.2 cores',
      'memory   engine 23 MiB',
      '',
    ]);

    view[Symbol.dispose]();
    expect(terminal.screen).toEqual(['edges are up', '✓ starting engine', 'fault slow-pricing is in force', '']);
    expect(terminal.cursorVisible).toBe(true);
  });

  test('each second is one write', () => {
    const terminal = new Terminal(100);
    using view = createLiveView({ stream: terminal, tty: true, color: true, now: () => 0 });
    for (let index = 1; index <= 5; index++) view.second(second(index));
    expect(terminal.writes).toHaveLength(5);
  });

  test('without colours there are none', () => {
    const terminal = new Terminal(100);
    using view = createLiveView({ stream: terminal, tty: true, color: false, now: () => 0 });
    view.second(second(1, { faults: ['x'], errorRatio: 1, dropped: 1 }));
    // oxlint-disable-next-line no-control-regex -- escape sequences are what is looked for
    expect(terminal.writes.join('')).not.toMatch(/\u001B\[[\d;]*m/);
  });

  test.each([20, 40, 80, 300])('no line of the panel is wider than %d columns, whatever the names', (columns) => {
    const terminal = new Terminal(columns);
    const view = createLiveView({ stream: terminal, tty: true, color: true, now: () => 0 });
    const source = `界${'x'.repeat(300)}`;
    const wide = { phase: source, faults: [source], cpu: [{ source, cores: 1 }], memory: [{ source, bytes: 1 }] };
    view.phase(source);
    expect(terminal.screen).toHaveLength(2);
    view.second(second(40, wide));
    view.second(second(41, wide));
    // The finished step stays and may take several rows; the panel's 7 lines take one each.
    const step = Math.ceil((2 + 302) / columns);
    expect(terminal.screen).toHaveLength(step + 7 + 1);
    view[Symbol.dispose]();
    expect(terminal.screen.join('')).toBe(`✓ ${source}`);
  });

  test('says how long a step took', () => {
    const terminal = new Terminal(100);
    let nowMs = 0;
    using view = createLiveView({ stream: terminal, tty: true, color: false, now: () => nowMs });
    view.phase('building engine');
    nowMs = 65_000;
    view.second(second(1));
    expect(terminal.screen[0]).toBe('✓ building engine (1 min 5 s)');
  });

  test('leaves nothing on the process behind', () => {
    const before = process.listenerCount('exit');
    {
      using view = createLiveView({ stream: new Terminal(100), tty: true, color: false, now: () => 0 });
      view.second(second(1));
      expect(process.listenerCount('exit')).toBe(before + 1);
    }
    expect(process.listenerCount('exit')).toBe(before);
  });
});

test.each([
  [[0, 1, 2], 10, '▁▅█'],
  [[0, 0], 10, '▁▁'],
  [[1, undefined, 2], 10, '▅ █'],
  [[1, 2, 4], 2, '▅█'],
  [[1, 2], 0, ''],
  [[], 5, ''],
])('sparkline of %j in %d columns', (values, columns, expected) => {
  expect(sparkline(values, columns)).toBe(expected);
});
