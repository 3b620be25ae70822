import type { Unit } from '../../format/figures.ts';
import type { Chart } from './chart.ts';

/** The y axis: its ends, and where it has ticks. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

const TIME_STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400];

/** From 0 with some air above the highest value; on a logarithmic axis from the lowest. */
export function valueRange({ lines, logarithmic }: Pick<Chart, 'lines' | 'logarithmic'>): Range {
  let min = Number.POSITIVE_INFINITY;
  let max = 0;
  for (const value of lines.flatMap(({ values }) => values)) {
    if (value === null || (logarithmic && value <= 0)) continue;
    min = Math.min(min, value);
    max = Math.max(max, value);
  }
  if (logarithmic) return max === 0 ? { min: 1, max: 10 } : { min: min / 1.4, max: max * 1.4 };
  return { min: 0, max: max === 0 ? 1 : max * 1.08 };
}

/** Where a value lies between the ends, 0–1. */
export function position(value: number, { min, max }: Range, logarithmic: boolean): number {
  const place = (number: number) => (logarithmic ? Math.log(Math.max(number, min)) : number);
  return max === min ? 0 : (place(value) - place(min)) / (place(max) - place(min));
}

/** Round values between the ends, some five of them: 1, 2 or 5 times a power of ten (bytes: a power of two). */
export function valueTicks({ min, max }: Range, unit: Unit, logarithmic: boolean): number[] {
  if (logarithmic) return logarithmicTicks(min, max);
  const step = unit === 'bytes' ? powerOfTwoStep(max - min) : decimalStep(max - min);
  return multiples(step, min, max);
}

/** Round times (whole seconds, minutes, hours), at most `most` of them. */
export function timeTicks(startSeconds: number, endSeconds: number, most: number): number[] {
  const length = endSeconds - startSeconds;
  const step = TIME_STEPS_S.find((seconds) => length / seconds <= most) ?? Math.ceil(length / most / 86_400) * 86_400;
  return multiples(step, startSeconds, endSeconds);
}

function decimalStep(length: number): number {
  const rough = length / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5].find((factor) => factor * power >= rough * 0.999) ?? 10) * power;
}

function powerOfTwoStep(length: number): number {
  return 2 ** Math.max(0, Math.ceil(Math.log2(length / 5)));
}

/** Powers of ten; with few of them in sight also their 2- and 5-fold. */
function logarithmicTicks(min: number, max: number): number[] {
  const decades = Math.log10(max / min);
  const factors = decades > 2.5 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(min)); power <= Math.ceil(Math.log10(max)); power++) {
    ticks.push(...factors.map((factor) => Number((factor * 10 ** power).toPrecision(3))));
  }
  return ticks.filter((tick) => tick >= min && tick <= max);
}

function multiples(step: number, min: number, max: number): number[] {
  const ticks: number[] = [];
  for (let index = Math.ceil(min / step); index * step <= max; index++)
    ticks.push(Number((index * step).toPrecision(12)));
  return ticks;
}
