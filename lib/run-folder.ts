import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Where one run keeps all it saw: `<output>/<experiment>/<UTC time>-<id>/`. */
export interface RunFolder {
  readonly path: string;
  readonly id: string;
}

/** Makes the folder and points the experiment's `latest` link at it. */
export function createRunFolder(output: string, experiment: string, now: Date): RunFolder {
  const time = now
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(':', '-');
  const id = `${time}-${randomBytes(3).toString('hex')}`;
  const parent = join(output, experiment);
  const path = join(parent, id);
  mkdirSync(join(path, 'logs'), { recursive: true });
  // Renamed over the old link, so that there is one at any moment, even with two runs at once.
  const link = join(parent, `.latest-${id}`);
  symlinkSync(id, link, 'dir');
  renameSync(link, join(parent, 'latest'));
  return { path, id };
}

/** The files of a run folder. */
export const RUN_FILES = {
  plan: 'plan.json',
  journal: 'journal.ndjson',
  scenario: 'scenario.js',
  timeline: 'timeline.ndjson',
  observations: 'observations.json',
  verdict: 'verdict.json',
  html: 'report.html',
  junit: 'junit.xml',
  markdown: 'summary.md',
  writes: 'writes.ndjson',
  attempts: 'attempts.ndjson',
  capacity: 'capacity.json',
  /** While it runs only: how other processes reach the system. */
  system: 'system.json',
} as const;
