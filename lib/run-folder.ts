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
  violations: 'violations.ndjson',
  attempts: 'attempts.ndjson',
  sampled: 'sampled.ndjson',
  traces: 'traces.ndjson',
  capacity: 'capacity.json',
  /** While it runs only: how other processes reach the system. */
  system: 'system.json',
} as const;

/** The rows of a final state as they were after the load, and those that were there before it. */
export function finalStateFile(name: string): string {
  return `final-state-${name}.ndjson`;
}
export function initialStateFile(name: string): string {
  return `initial-state-${name}.ndjson`;
}

/** Where what a scenario writes to its console is kept: its writes, and its sampled requests. Undefined: in k6's log. */
export function consoleFileOf({
  load,
  traces,
}: {
  readonly load: { readonly recordWrites: boolean };
  readonly traces?: unknown;
}): string | undefined {
  if (load.recordWrites) return RUN_FILES.writes;
  return traces === undefined ? undefined : RUN_FILES.sampled;
}
