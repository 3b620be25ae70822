import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessReader, ProcessReading } from './process-tree.ts';

const run = promisify(execFile);

/** Asks `ps`, for platforms without /proc. It does not tell the CPU time of children that have ended. */
export function psReader(): ProcessReader {
  return {
    async read() {
      const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,time=,rss='], { maxBuffer: 16 * 1024 * 1024 });
      return new Map(parsePs(stdout).map((reading) => [reading.pid, reading]));
    },
  };
}

/** Lines of "pid ppid [[dd-]hh:]mm:ss[.cc] rss-in-KiB". */
export function parsePs(output: string): ProcessReading[] {
  return output.split('\n').flatMap((line) => {
    const [pid, parent, time, rss] = line.trim().split(/\s+/);
    if (rss === undefined || time === undefined) return [];
    const ownSeconds = parseTime(time);
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        started: 0,
        ownSeconds,
        endedChildrenSeconds: 0,
        rssBytes: Number(rss) * 1024,
      },
    ];
  });
}

function parseTime(time: string): number {
  const [clock = '', days = '0'] = time.split('-').toReversed();
  return clock.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0) + Number(days) * 86_400;
}
