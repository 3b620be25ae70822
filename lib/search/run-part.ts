import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Second } from '../observe/observations.ts';
import { readTimeline } from '../observe/timeline.ts';
import { type RunOptions, type RunResult, runExperiment } from '../run.ts';
import { RUN_FILES, type RunFolder } from '../run-folder.ts';

/** What every run of a search has in common. */
export type PartOptions = Pick<RunOptions, 'output' | 'cacheDir' | 'tools' | 'signal' | 'progress' | 'onSecond'>;

/** Which run of a search: its plan, and where its own run folder is made. */
export interface Part {
  readonly plan: RunOptions['plan'];
  /** The folder of the search. */
  readonly whole: RunFolder;
  /** The run's own, relative to that of the search: "probes/03-640". */
  readonly folder: string;
  /** 1-based, in the order of time. */
  readonly index: number;
}

export type PartResult = RunResult & {
  /** What the timeline has, second by second; read when it is asked for. */
  readonly seconds: () => readonly Second[];
};

/** One run of a search: an experiment of its own, with its own report, in a folder of the search's folder. */
export async function runPart({ plan, whole, folder, index }: Part, options: PartOptions): Promise<PartResult> {
  const path = join(whole.path, folder);
  mkdirSync(join(path, 'logs'), { recursive: true });
  const { output, cacheDir, tools, signal, progress, onSecond } = options;
  const id = `${whole.id}-${index}`;
  const result = await runExperiment({
    plan,
    output,
    folder: { path, id },
    cacheDir,
    tools,
    signal,
    progress,
    onSecond,
  });
  return { ...result, seconds: () => readTimeline(readFileSync(join(path, RUN_FILES.timeline), 'utf8')) };
}
