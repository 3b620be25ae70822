import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { remoteWriteDecoder } from '../../lib/observe/remote-write.ts';
import { followSeries } from '../../lib/observe/series.ts';
import { writeSecond } from '../../lib/observe/timeline.ts';
import { collectWindows } from '../../lib/observe/windows.ts';
import { type Series, encodePush, wireHistogram } from './push.ts';

const PUSHES = 5_000;
const SAMPLES_A_PUSH = 2_000;
const OPERATIONS = ['quote', 'order-place', 'ledger-append', 'ledger-get'];
const BUCKETS = 25;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

function heapBytes(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

/** k6's push number `push`: every series cumulative, as it sends them. */
function pushOf(push: number): readonly Series[] {
  const perBucket = (push * SAMPLES_A_PUSH) / OPERATIONS.length / BUCKETS;
  const counts = Object.fromEntries(Array.from({ length: BUCKETS }, (_, at) => [at - 60, perBucket]));
  return OPERATIONS.map((name) => ({
    labels: {
      __name__: 'k6_http_req_duration_seconds',
      expected_response: 'true',
      name,
      phase: 'steady',
      scenario: 'load',
      status: '200',
    },
    histogram: wireHistogram(counts, { sum: push }),
  }));
}

test('10⁷ samples on the way from pushes to the timeline leave the heap as it was', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-flat-'));
  const file = openSync(join(folder, 'timeline.ndjson'), 'w');
  const [decode, follow, windows] = [remoteWriteDecoder(), followSeries(), collectWindows()];
  const heaps: number[] = [];
  let requests = 0;
  for (let push = 1; push <= PUSHES; push += 1) {
    windows.add(push, follow(decode(encodePush(pushOf(push)))));
    const load = windows.take(push);
    requests += load.operations.reduce((sum, { succeeded }) => sum + succeeded.count, 0);
    writeSync(file, writeSecond({ t: push, phase: 'steady', offered: 2_000, ...load, runtimes: [], resources: [] }));
    if (push % 500 === 0) heaps.push(heapBytes());
  }
  closeSync(file);
  rmSync(folder, { recursive: true });
  expect(requests).toBe(PUSHES * SAMPLES_A_PUSH);
  // The first readings still hold compiled code and caches that fill up.
  const later = heaps.slice(3);
  expect(Math.max(...later) / Math.min(...later)).toBeLessThan(1.05);
}, 120_000);
