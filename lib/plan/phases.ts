import { dirname, isAbsolute, resolve } from 'node:path';
import { type Phase, type RatePoint, corners } from './plan.ts';
import { RateShapeError, readRateShape } from './rate-shape.ts';
import type { LoadInput } from './schema/load.ts';

type ValidPhase = LoadInput['phases'][number];
type PhaseInput = Omit<ValidPhase, 'env' | 'traffic'> & Partial<Pick<ValidPhase, 'env' | 'traffic'>>;
type Report = (path: string, value: unknown, message: string, hint?: string) => void;

/** Lays the phases end to end on the run's clock; recorded shapes are read from files next to `file`. */
export function layOut(phases: readonly PhaseInput[], file = '', report: Report = () => undefined): Phase[] {
  let startMs = 0;
  return phases.map((input, index) => {
    const { name, duration, env = {}, traffic = {} } = input;
    const endMs = startMs + duration;
    const points = pointsOf(input, startMs, file, (value, message, hint) =>
      report(`load.phases[${index}].rate.csv`, value, message, hint),
    );
    startMs = endMs;
    return {
      name,
      startMs: endMs - duration,
      endMs,
      fromPerSecond: points[0]?.perSecond ?? 0,
      toPerSecond: points.at(-1)?.perSecond ?? 0,
      ...(points.length > 2 ? { shape: points } : {}),
      ...(Object.keys(env).length > 0 ? { env } : {}),
      ...(Object.keys(traffic).length > 0 ? { traffic } : {}),
    };
  });
}

/** The rate's corners in the phase, straight lines in between. */
function pointsOf(
  { rate, duration }: PhaseInput,
  startMs: number,
  file: string,
  report: (value: unknown, message: string, hint?: string) => void,
): RatePoint[] {
  const line = (from: number, to: number, fromMs = startMs, toMs = startMs + duration): RatePoint[] => [
    { atMs: fromMs, perSecond: from },
    { atMs: toMs, perSecond: to },
  ];
  if (typeof rate === 'number') return line(rate, rate);
  if ('from' in rate) return line(rate.from, rate.to);
  if ('steps' in rate) {
    const atMs = (index: number) => startMs + wholeMicroseconds((index / rate.steps.length) * duration);
    return rate.steps.flatMap((step, index) => line(step, step, atMs(index), atMs(index + 1)));
  }
  const path = isAbsolute(rate.csv) ? rate.csv : resolve(dirname(file), rate.csv);
  try {
    const { points } = readRateShape(path);
    const spanMs = points.at(-1)?.offsetMs ?? 1;
    const highest = Math.max(...points.map(({ perSecond }) => perSecond));
    const scale = rate.peak === undefined || highest === 0 ? 1 : rate.peak / highest;
    return points.map(({ offsetMs, perSecond }) => ({
      atMs: startMs + wholeMicroseconds((offsetMs / spanMs) * duration),
      perSecond: perSecond * scale,
    }));
  } catch (error) {
    if (!(error instanceof RateShapeError)) throw error;
    report(rate.csv, error.message, `looked for ${path}`);
    return line(0, 0);
  }
}

/** k6 reads no exponents: 1e-9 ms would be a stage that it refuses. */
function wholeMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** The highest arrival rate of any phase. */
export function peakPerSecond(phases: readonly Phase[]): number {
  return phases.flatMap(corners).reduce((most, { perSecond }) => Math.max(most, perSecond), 0);
}
