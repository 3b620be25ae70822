import type { SweepReport } from '../../reports/model/sweep.ts';
import { writeSweepReports } from '../../reports/write-sweep-reports.ts';
import { describeEnvironment } from '../environment.ts';
import { type CutoverError, EXIT, EnvironmentError, type ExitCode } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import { planSha256 } from '../plan/redact.ts';
import { type RunFolder, createRunFolder } from '../run-folder.ts';
import { type PartOptions, runPart } from '../search/run-part.ts';
import { VERSION } from '../version.ts';
import { assembleReport } from './assemble-report.ts';
import { type CellAnswer, answerOf, needsSecondTry, settle } from './cell-answer.ts';
import { cellPlan, faultPhaseOf, loadMsOf } from './cell-plan.ts';
import type { MeasuredCell } from './conclude-row.ts';
import { type CellTime, estimateMs } from './estimate.ts';
import { type CellOutcome, type CellRequest, order } from './order.ts';
import type { SweepPlan } from './sweep-plan.ts';
import type { Track } from './tracks.ts';

export interface SweepRunOptions extends PartOptions {
  readonly sweep: SweepPlan;
  /** `attempt` is 2 for the second try. */
  readonly onCellStart: (cell: { track: Track; level: number; index: number; attempt: number }, plan: Plan) => void;
  readonly onCell: (cell: MeasuredCell, track: Track) => void;
  /** A monotonic clock, milliseconds. */
  readonly now: () => number;
}

export interface SweepResult {
  readonly folder: string;
  readonly exitCode: ExitCode;
  /** Undefined when not even one cell was measured: then `error` says why. */
  readonly report: SweepReport | undefined;
  readonly error: CutoverError | undefined;
}

type Ended = Pick<SweepReport, 'ending'> & { readonly detail?: string; readonly error?: CutoverError };

/**
 * Finds the mildest fault that breaks a budget, for each edge: asks `order` which cell is next, runs each cell as an
 * experiment of its own, as long as there is time, and reports what they come to.
 *
 * A sweep that was aborted, or that could not go on, is reported with what it has.
 */
export async function runSweep(options: SweepRunOptions): Promise<SweepResult> {
  const { sweep, output, tools, signal } = options;
  const { plan } = sweep;
  const startedAt = new Date();
  const folder = createRunFolder(output, `${plan.experiment}-sweep`, startedAt);
  const measured: MeasuredCell[] = [];
  const { ending, detail, error } = await measureCells(options, folder, measured);
  const aborted = signal.aborted ? EXIT.aborted : error?.exitCode;
  if (measured.length === 0) {
    return { folder: folder.path, exitCode: aborted ?? EXIT.environment, report: undefined, error };
  }
  const report = assembleReport({
    sweep,
    ending,
    endingDetail: detail,
    measured,
    run: {
      id: folder.id,
      startedAt: startedAt.toISOString(),
      endedAt: new Date().toISOString(),
      seed: plan.seed,
      planSha256: planSha256(plan),
    },
    environment: describeEnvironment(tools),
    cutoverVersion: VERSION,
  });
  await writeSweepReports(folder.path, report);
  return { folder: folder.path, exitCode: aborted ?? EXIT[report.outcome], report, error };
}

/** Measures cell after cell into `measured`; returns why it ended. */
async function measureCells(options: SweepRunOptions, folder: RunFolder, measured: MeasuredCell[]): Promise<Ended> {
  const { sweep, signal, now, onCell } = options;
  const deadlineMs = now() + sweep.timeLimitMs;
  const times: CellTime[] = [];
  const fits = (plan: Plan) => now() + estimateMs(loadMsOf(plan), times) <= deadlineMs;
  const steps = order(
    sweep.tracks.map(({ edge, kind, ladder }) => ({ edge, kind, levels: ladder.length })),
    sweep.plan.seed,
  );
  let failures = 0;
  for (let step = steps.next(); step.done !== true;) {
    const track = sweep.tracks[step.value.track];
    if (track === undefined) throw new RangeError(`no track ${step.value.track}`);
    const plan = cellPlan(sweep, track, step.value.level);
    if (!fits(plan)) return { ending: 'time-limit' };

    const index = measured.length + 1;
    const cell = { request: step.value, track, plan, index, folder };
    const first = await tryCell(cell, 1, options, times);
    const again = first.error === undefined && needsSecondTry(first.answer) && !signal.aborted && fits(plan);
    const second = again ? await tryCell(cell, 2, options, times) : undefined;
    const { folder: at, error } = second ?? first;
    // What was aborted says nothing about its cell.
    if (signal.aborted) return { ending: 'aborted', ...(error === undefined ? {} : { error }) };
    failures = error === undefined ? 0 : failures + 1;
    if (error !== undefined && mustStop(error, failures, measured)) {
      return { ending: 'failed', detail: firstLine(error), error };
    }
    const answer = answerOfTries(first, second);
    const { track: trackIndex, level } = step.value;
    const failed = error !== undefined;
    const done = { track: trackIndex, level, answer, failed, index, tries: again ? 2 : 1, folder: at };
    measured.push(done);
    onCell(done, track);
    if (answer.answer === 'steady-broken') return { ending: 'steady-broken', detail: answer.reason };
    step = steps.next(failed ? 'failed' : outcomeOf(answer));
  }
  return { ending: 'complete' };
}

interface Cell {
  readonly request: CellRequest;
  readonly track: Track;
  readonly plan: Plan;
  readonly index: number;
  readonly folder: RunFolder;
}

interface Tried {
  readonly folder: string;
  readonly answer: CellAnswer;
  /** Why the run could not be made; the answer says it too. */
  readonly error: CutoverError | undefined;
}

async function tryCell(cell: Cell, attempt: number, options: SweepRunOptions, times: CellTime[]): Promise<Tried> {
  const { request, track, plan, index, folder: whole } = cell;
  options.onCellStart({ track, level: request.level, index, attempt }, plan);
  const folder = `cells/${cellName(cell, attempt)}`;
  const startMs = options.now();
  const { verdict, error } = await runPart({ plan, whole, folder, index: times.length + 1 }, options);
  times.push({ loadMs: loadMsOf(plan), tookMs: options.now() - startMs });
  if (error !== undefined) return { folder, answer: failedAnswer(error), error };
  if (verdict === undefined) throw new Error(`${folder}: neither a verdict nor an error`);
  const phases = { steady: plan.load.steady, fault: faultPhaseOf(options.sweep.plan) };
  return { folder, answer: answerOf(verdict, phases), error: undefined };
}

function answerOfTries(first: Tried, second: Tried | undefined): CellAnswer {
  if (second === undefined) return first.answer;
  return second.error === undefined ? settle(first.answer, second.answer) : second.answer;
}

/** "07-orders-pricing-latency-200ms": what a folder may be called. */
function cellName({ request, track, index }: Cell, attempt: number): string {
  const text = track.ladder[request.level]?.text ?? '';
  const parts = [String(index).padStart(2, '0'), track.target, track.kind, text, attempt > 1 ? 'again' : ''];
  return parts
    .map((part) => part.replace('%', 'pc').replaceAll(/[^\w.-]+/g, '-'))
    .filter((part) => part !== '')
    .join('-');
}

/**
 * One kind that cannot be brought in on this machine is no reason to give up the others. But what was not cleaned up, a
 * system that does not even start, and two failures in a row are.
 */
function mustStop(error: CutoverError, failures: number, measured: readonly MeasuredCell[]): boolean {
  return !(error instanceof EnvironmentError) || failures >= 2 || measured.length === 0;
}

function failedAnswer(error: CutoverError): CellAnswer {
  return { answer: 'inconclusive', reason: firstLine(error), broken: [], doubtful: false };
}

function firstLine({ message }: CutoverError): string {
  return message.split('\n')[0] ?? message;
}

function outcomeOf({ answer }: CellAnswer): CellOutcome {
  return answer === 'steady-broken' ? 'inconclusive' : answer;
}
