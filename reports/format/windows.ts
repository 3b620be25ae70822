import type { Verdict, Window } from '../model/verdict.ts';

/** A fault that comes again and again, or one that comes once. */
export interface WindowGroup extends Window {
  /** In the order of time; its own start and end are the first one's start and the last one's end. */
  readonly windows: readonly Span[];
}

export type Span = Pick<Window, 'startMs' | 'endMs'>;

const NUMBERED = /^(.+)-([1-9]\d*)$/;

/**
 * "kill-1", "kill-2", … in this order become one group "kill ×50"; every other window is a group of its own. In the order in
 * which they are first seen.
 */
export function groupWindows(list: readonly Window[]): WindowGroup[] {
  const groups: Window[][] = [];
  /** Groups that may go on, by the name without its number. */
  const series = new Map<string, Window[]>();
  for (const window of list) {
    const { base, number } = numbered(window.name);
    const open = base === undefined ? undefined : series.get(base);
    if (open !== undefined && open.length === number - 1) {
      open.push(window);
      continue;
    }
    const group = [window];
    groups.push(group);
    if (base !== undefined && number === 1) series.set(base, group);
  }
  return groups.map((windows) => {
    const [first] = windows;
    return windows.length === 1 && first !== undefined ? { ...first, windows: windows.map(spanOf) } : repeated(windows);
  });
}

/** Where a group's name may be written, so that no two are written over each other: up to its end, or to the next one's start. */
export function nameSpans(groups: readonly WindowGroup[]): Pick<WindowGroup, 'name' | 'startMs' | 'endMs'>[] {
  return groups
    .toSorted((a, b) => a.startMs - b.startMs)
    .map(({ name, startMs, endMs }, index, all) => ({
      name,
      startMs,
      endMs: Math.min(endMs, all[index + 1]?.startMs ?? endMs),
    }));
}

/**
 * A run's windows with all steps of a drill as one phase of its name, and all its faults as one group: what it did step by
 * step has a picture of its own.
 */
export function foldDrills({ phases, faults, drills }: Pick<Verdict, 'phases' | 'faults' | 'drills'>): {
  readonly phases: Window[];
  readonly faults: WindowGroup[];
} {
  const drillOf = ({ name, startMs }: Window) =>
    drills.find((drill) => name.startsWith(`${drill.name}-`) && startMs >= drill.startMs && startMs < drill.endMs);
  const own = (list: readonly Window[], drill: string) => list.filter((window) => drillOf(window)?.name === drill);
  const names = [...new Set(drills.map(({ name }) => name))];
  return {
    phases: byStart([
      ...phases.filter((phase) => drillOf(phase) === undefined),
      ...names.flatMap((name) => {
        const steps = own(phases, name);
        if (steps.length === 0) return [];
        const { detail, startMs, endMs } = together(steps);
        return { name, startMs, endMs, detail };
      }),
    ]),
    faults: [
      ...groupWindows(faults.filter((fault) => drillOf(fault) === undefined)),
      ...names.flatMap((name) => {
        const windows = byStart(own(faults, name));
        return windows.length < 2
          ? groupWindows(windows)
          : { ...together(windows), name: `${name}: ${windows.length} faults` };
      }),
    ],
  };
}

function byStart(windows: readonly Window[]): Window[] {
  return windows.toSorted((a, b) => a.startMs - b.startMs);
}

function numbered(name: string): { readonly base?: string; readonly number: number } {
  const [, base, number] = NUMBERED.exec(name) ?? [];
  return base === undefined ? { number: 0 } : { base, number: Number(number) };
}

function repeated(windows: readonly Window[]): WindowGroup {
  const { base = '' } = numbered(windows[0]?.name ?? '');
  return { ...together(windows), name: `${base} ×${windows.length}` };
}

/** From the first one's start to the last one's end; without a name of its own. */
function together(windows: readonly Window[]): Omit<WindowGroup, 'name'> {
  return {
    detail: [...new Set(windows.map(({ detail }) => detail))].join('; '),
    startMs: Math.min(...windows.map(({ startMs }) => startMs)),
    endMs: Math.max(...windows.map(({ endMs }) => endMs)),
    windows: windows.map(spanOf),
  };
}

function spanOf({ startMs, endMs }: Window): Span {
  return { startMs, endMs };
}
