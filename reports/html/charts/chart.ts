import type { Unit } from '../../format/figures.ts';
import { type WindowGroup, foldDrills } from '../../format/windows.ts';
import type { Verdict, Window } from '../../model/verdict.ts';

export type Values = readonly (number | null)[];

/** One line of a chart. `tone` picks the colour: a number from the palette, or a fixed meaning. */
export interface ChartLine {
  readonly label: string;
  readonly tone: Tone;
  readonly dashed: boolean;
  readonly values: Values;
}

export type Tone = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 'muted' | 'bad';

export interface Chart {
  /** Safe as an HTML id. */
  readonly id: string;
  readonly title: string;
  readonly unit: Unit;
  readonly logarithmic: boolean;
  readonly lines: readonly ChartLine[];
}

/** What the charts are drawn from: this part of the verdict is in the page as JSON, for the script. */
export interface ChartData extends Pick<Verdict, 'timeline' | 'phases'> {
  readonly faults: readonly WindowGroup[];
}

/** A drill is one window in the charts, and so is what comes again and again. */
export function chartDataOf(verdict: Pick<Verdict, 'timeline' | 'phases' | 'faults' | 'drills'>): ChartData {
  return { timeline: verdict.timeline, ...foldDrills(verdict) };
}

/** What all charts share: the x axis (seconds since the load's start), and the windows that are shaded. */
export interface ChartFrame {
  readonly t: readonly number[];
  readonly endSeconds: number;
  readonly phases: readonly Window[];
  readonly faults: readonly WindowGroup[];
}

const PALETTE: readonly Tone[] = [0, 1, 2, 3, 4, 5, 6, 7];
/** All CPUs of the machine together: context for the others rather than one of them. */
const MACHINE = 'machine';
/** Where an operation's slowest figure is this many times its fastest, a linear axis would show the latter at 0. */
const LOGARITHMIC_FROM = 20;

export function frameOf({ timeline, phases, faults }: ChartData): ChartFrame {
  const lastSecond = (timeline.t.at(-1) ?? 0) + 1;
  const ends = phases.map(({ endMs }) => endMs / 1_000);
  return { t: timeline.t, endSeconds: Math.max(lastSecond, ...ends), phases, faults };
}

export function loadChart({ timeline }: Pick<ChartData, 'timeline'>): Chart {
  const { offered, achieved, dropped } = timeline.load;
  return {
    id: 'load',
    title: 'Load',
    unit: 'perSecond',
    logarithmic: false,
    lines: [
      { label: 'offered', tone: 'muted', dashed: true, values: offered },
      { label: 'achieved', tone: 0, dashed: false, values: achieved },
      { label: 'dropped', tone: 'bad', dashed: false, values: dropped },
    ],
  };
}

/** One chart an operation, all linear or all logarithmic, so that they can be compared. */
export function latencyCharts({ timeline }: Pick<ChartData, 'timeline'>): Chart[] {
  const operations = Object.entries(timeline.latency);
  const logarithmic = operations.some(([, { p50, p99 }]) => spread([p50, p99]) > LOGARITHMIC_FROM);
  return operations.map(([operation, { p50, p95, p99 }], index) => ({
    id: `latency-${index}`,
    title: operation,
    unit: 'ms',
    logarithmic,
    lines: [
      { label: 'p50', tone: 5, dashed: true, values: p50 },
      { label: 'p95', tone: 0, dashed: false, values: p95 },
      { label: 'p99', tone: 3, dashed: false, values: p99 },
    ],
  }));
}

export function errorsChart({ timeline }: Pick<ChartData, 'timeline'>): Chart {
  const lines = toLines(timeline.errors, Object.keys(timeline.errors));
  return { id: 'errors', title: 'Failed requests', unit: 'perSecond', logarithmic: false, lines };
}

/** How late iterations started: what the load generator, not the system, adds; nothing where it was not seen. */
export function startLagChart({ timeline }: Pick<ChartData, 'timeline'>): Chart | undefined {
  if (!hasData(timeline.startLag)) return undefined;
  const lines: ChartLine[] = [{ label: 'p99', tone: 4, dashed: false, values: timeline.startLag }];
  return { id: 'start-lag', title: 'Start lag', unit: 'ms', logarithmic: false, lines };
}

/** CPU and memory always; heap and its collector's pauses of the services that tell. */
export function resourceCharts({ timeline }: Pick<ChartData, 'timeline'>): Chart[] {
  const { cpu, memory, heap, gcPause } = timeline;
  // A source has the same colour in all.
  const sources = [...new Set([cpu, memory, heap, gcPause].flatMap((byName) => Object.keys(byName)))].toSorted();
  const chart = (id: string, title: string, unit: Unit, byName: Readonly<Record<string, Values>>): Chart => ({
    id,
    title,
    unit,
    logarithmic: false,
    lines: toLines(byName, sources),
  });
  const told = (byName: Readonly<Record<string, Values>>) => Object.values(byName).some(hasData);
  return [
    chart('cpu', 'CPU', 'cores', cpu),
    chart('memory', 'Memory', 'bytes', memory),
    ...(told(heap) ? [chart('heap', 'Heap', 'bytes', heap)] : []),
    ...(told(gcPause) ? [chart('gc-pause', 'Garbage collection', 'ms', gcPause)] : []),
  ];
}

export function allCharts(data: Pick<ChartData, 'timeline'>): Chart[] {
  const lag = startLagChart(data);
  return [
    loadChart(data),
    ...latencyCharts(data),
    errorsChart(data),
    ...resourceCharts(data),
    ...(lag === undefined ? [] : [lag]),
  ];
}

function hasData(values: Values): boolean {
  return values.some((value) => value !== null);
}

function toLines(byName: Readonly<Record<string, Values>>, names: readonly string[]): ChartLine[] {
  const colored = names.filter((name) => name !== MACHINE);
  return Object.entries(byName).map(([name, values]) => {
    const index = colored.indexOf(name);
    const tone = PALETTE[index % PALETTE.length];
    const line = { label: name, values };
    // Past the palette's end the colours come again, dashed.
    return index === -1 || tone === undefined
      ? { ...line, tone: 'muted', dashed: true }
      : { ...line, tone, dashed: index >= PALETTE.length };
  });
}

function spread(lines: readonly Values[]): number {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const value of lines.flat()) {
    if (value === null || value <= 0) continue;
    lowest = Math.min(lowest, value);
    highest = Math.max(highest, value);
  }
  return highest / lowest;
}
