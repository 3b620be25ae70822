import type { BuildProgress } from './build-progress.ts';

const BAR_CELLS = 24;
const LINE_INTERVAL_MS = 5_000;

/** One line for people, without a line end: "k6: building       [######..................] 195/782". */
export function progressText(progress: BuildProgress): string {
  const { tool, phase, done, total } = progress;
  switch (phase) {
    case 'wait':
      return `${tool}: waiting for another process that is building it`;
    case 'download':
      return `${tool}: downloading Go modules ${bar(done, total)}`;
    case 'build':
      return `${tool}: building packages ${bar(done, total)}`;
    default:
      return phase satisfies never;
  }
}

function bar(done: number, total: number): string {
  if (total === 0) return `${done}`;
  const filled = Math.floor((Math.min(done, total) / total) * BAR_CELLS);
  return `[${'#'.repeat(filled)}${'.'.repeat(BAR_CELLS - filled)}] ${done}/${total}`;
}

/** What the writer needs of process.stderr. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Shows one state. Disposing of it ends a line that a build left unfinished; it can be used again after that. */
export type ProgressWriter = ((progress: BuildProgress) => void) & Disposable;

/**
 * Shows progress: on a terminal as one line that is redrawn, and ended when the build is; elsewhere (a CI log) as a
 * line when tool or phase changes, then at most one every five seconds, and one for the end. `nowMs` is a monotonic clock.
 */
export function createProgressWriter(
  stream: ProgressStream,
  nowMs: () => number = () => performance.now(),
): ProgressWriter {
  return stream.isTTY === true ? redraw(stream) : writeLines(stream, nowMs);
}

function redraw(stream: ProgressStream): ProgressWriter {
  let unfinished = false;
  const show = (progress: BuildProgress): void => {
    // A line that wraps could not be redrawn.
    const text = progressText(progress).slice(0, (stream.columns ?? 80) - 1);
    unfinished = progress.phase !== 'wait' && !isLast(progress);
    stream.write(`\r\u001B[K${text}${unfinished ? '' : '\n'}`);
  };
  const dispose = (): void => {
    if (unfinished) stream.write('\n');
    unfinished = false;
  };
  return Object.assign(show, { [Symbol.dispose]: dispose });
}

function writeLines(stream: ProgressStream, nowMs: () => number): ProgressWriter {
  let last: { readonly kind: string; readonly atMs: number } | undefined;
  const show = (progress: BuildProgress): void => {
    const kind = `${progress.tool} ${progress.phase}`;
    const now = nowMs();
    if (last?.kind === kind && now - last.atMs < LINE_INTERVAL_MS && !isLast(progress)) return;
    last = { kind, atMs: now };
    stream.write(`${progressText(progress)}\n`);
  };
  return Object.assign(show, { [Symbol.dispose]: () => {} });
}

function isLast({ phase, done, total }: BuildProgress): boolean {
  return phase === 'build' && done >= total;
}
