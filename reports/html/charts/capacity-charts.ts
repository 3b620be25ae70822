import { bracketText, uslThroughput } from '../../format/capacity.ts';
import { formatFigure, formatNumber, formatPercent } from '../../format/figures.ts';
import { SEVERITY } from '../../format/outcomes.ts';
import type { CapacityReport, Probe } from '../../model/capacity.ts';
import type { Values } from './chart.ts';
import type { Axis, Band, Curve, Point, PointChart, Rule } from './point-chart.ts';
import { type Range, valueRange, valueTicks } from './scale.ts';

/** Where the largest concurrency is this many times the smallest, a linear axis would show all but one at 0. */
const LOGARITHMIC_FROM = 20;
const CURVE_POINTS = 80;

/** Achieved against offered: what lies on the diagonal was served as it came. */
export function throughputChart(report: CapacityReport): PointChart {
  const x = offeredAxis(report);
  const points = pointsOf(
    report.probes,
    ({ perSecond }) => perSecond,
    ({ achievedPerSecond }) => achievedPerSecond,
    'perSecond',
  );
  return {
    description: `Throughput against offered load of ${report.probes.length} probes; the highest rate that holds is ${bracketText(report)}`,
    size: 'tall',
    x,
    y: perSecondAxis({ min: 0, max: Math.max(x.range.max, ...points.map(({ y }) => y * 1.04)) }),
    points,
    curves: [
      {
        ...IDEAL,
        points: [
          [0, 0],
          [x.range.max, x.range.max],
        ],
      },
    ],
    ...frame(report),
  };
}

/** The p99 over the same axis; undefined when no probe has one. */
export function latencyChart(report: CapacityReport): PointChart | undefined {
  const points = pointsOf(
    report.probes,
    ({ perSecond }) => perSecond,
    ({ p99Ms }) => p99Ms,
    'ms',
  );
  if (points.length === 0) return undefined;
  const range = atLeastADecade(valueRange({ lines: [line(points.map(({ y }) => y))], logarithmic: true }));
  return {
    description: `99th percentile against offered load, logarithmic: ${points.map(({ title }) => title).join('; ')}`,
    size: 'tall',
    x: offeredAxis(report),
    y: {
      range,
      logarithmic: true,
      ticks: valueTicks(range, 'ms', true),
      format: (value) => formatFigure(value, 'ms'),
    },
    points,
    curves: [],
    ...frame(report),
  };
}

/** Throughput over concurrency with the fitted curve; undefined when no model was fitted. */
export function scalabilityChart({ probes, usl }: CapacityReport): PointChart | undefined {
  if (!usl.fitted) return undefined;
  const points = pointsOf(
    probes.filter(({ concurrency = 0 }) => concurrency > 0),
    ({ concurrency = 0 }) => concurrency,
    ({ achievedPerSecond }) => achievedPerSecond,
    'perSecond',
  );
  if (points.length === 0) return undefined;
  const levels = points.map((point) => point.x);
  const [least, most] = [Math.min(...levels), Math.max(...levels)];
  // The peak is shown where it is not far beyond what was measured.
  const peak = usl.peakConcurrency !== undefined && usl.peakConcurrency < most * 3 ? usl.peakConcurrency * 1.1 : 0;
  const logarithmic = most / least > LOGARITHMIC_FROM;
  const range: Range = logarithmic
    ? { min: least / 1.2, max: Math.max(most * 1.2, peak) }
    : { min: 0, max: Math.max(most * 1.06, peak) };
  const curve = Array.from({ length: CURVE_POINTS + 1 }, (_, index) => {
    const share = index / CURVE_POINTS;
    const at = logarithmic ? range.min * (range.max / range.min) ** share : range.max * share;
    return [at, uslThroughput(usl, at)] as const;
  });
  const highest = Math.max(...points.map(({ y }) => y), ...curve.map(([, value]) => value));
  return {
    description: `Throughput against concurrency: ${points.length} probes and the fitted model, R² ${formatNumber(usl.rSquared)}`,
    size: 'tall',
    x: {
      range,
      logarithmic,
      ticks: valueTicks(range, 'count', logarithmic),
      format: formatNumber,
    },
    y: perSecondAxis({ min: 0, max: highest * 1.06 }),
    points,
    curves: [{ ...MODEL, points: curve }],
    bands: [],
    rules:
      usl.peakConcurrency !== undefined && peak > 0 ? [{ label: 'peak of the model', at: usl.peakConcurrency }] : [],
  };
}

export const IDEAL: Omit<Curve, 'points'> = { label: 'achieved = offered', tone: 'muted', dashed: true };
export const MODEL: Omit<Curve, 'points'> = { label: 'fitted model (USL)', tone: 3, dashed: false };

/** The rates that were tried, and what is marked on their axis. */
function offeredAxis({ probes, forecastPerSecond = 0, headroomWanted }: CapacityReport): Axis {
  const highest = Math.max(0, forecastPerSecond * headroomWanted, ...probes.map(({ perSecond }) => perSecond));
  return perSecondAxis({ min: 0, max: highest === 0 ? 1 : highest * 1.06 });
}

function perSecondAxis(range: Range): Axis {
  return {
    range,
    logarithmic: false,
    ticks: valueTicks(range, 'perSecond', false),
    format: (value) => formatFigure(value, 'perSecond'),
  };
}

function frame(report: CapacityReport): { readonly bands: readonly Band[]; readonly rules: readonly Rule[] } {
  const { lastPassPerSecond: from, firstFailPerSecond: to, forecastPerSecond, headroomWanted } = report;
  const wanted = headroomWanted === 1 ? 'forecast' : `${formatPercent(headroomWanted)} of the forecast`;
  return {
    bands: from === undefined || to === undefined ? [] : [{ from, to, label: [from, to].map(rate).join(' – ') }],
    rules: forecastPerSecond === undefined ? [] : [{ at: forecastPerSecond * headroomWanted, label: wanted }],
  };
}

function pointsOf(
  probes: readonly Probe[],
  x: (probe: Probe) => number,
  y: (probe: Probe) => number | undefined,
  unit: 'perSecond' | 'ms',
): Point[] {
  const points = probes.flatMap((probe): (Point & Pick<Probe, 'outcome'>)[] => {
    const value = y(probe);
    if (value === undefined) return [];
    const { index, outcome, perSecond } = probe;
    const title = `probe ${index}, ${rate(perSecond)} offered: ${outcome}, ${formatFigure(value, unit)}`;
    return [{ kind: outcome, outcome, x: x(probe), y: value, title }];
  });
  // A rate that was tried again lies on itself: what did not hold is drawn on top.
  return points.toSorted((a, b) => SEVERITY.indexOf(b.outcome) - SEVERITY.indexOf(a.outcome));
}

function rate(perSecond: number): string {
  return formatFigure(perSecond, 'perSecond');
}

/** Values that lie close together must not look far apart, and the axis needs its ticks. */
function atLeastADecade({ min, max }: Range): Range {
  const missing = Math.sqrt(Math.max(1, 10 / (max / min)));
  return { min: min / missing, max: max * missing };
}

function line(values: Values) {
  return { label: '', tone: 0, dashed: false, values } as const;
}
