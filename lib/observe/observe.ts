import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../context.ts';
import type { Plan } from '../plan/plan.ts';
import { RUN_FILES } from '../run-folder.ts';
import { startClock } from './clock.ts';
import { emptyHistogram } from './histogram.ts';
import type { CounterSample, GeneratorObservation, ResourceWindow, Second } from './observations.ts';
import { offeredIn, phaseAt } from './offered.ts';
import { pushGrid } from './push-grid.ts';
import { startReceiver } from './receiver.ts';
import { watchResources } from './resources.ts';
import { type Increment, followSeries } from './series.ts';
import { serviceMetrics } from './service-metrics.ts';
import { startTicker } from './ticker.ts';
import { readTimelineFile, writeSecond } from './timeline.ts';
import { collectWindows } from './windows.ts';

/** A window is complete this long after its end: the last push that belongs to it is 0.5 s late at most. */
const SETTLE_MS = 1_500;

/** A service to watch: its process where the harness started it, else what its metrics page tells. */
export interface ObservedService {
  readonly name: string;
  readonly pid?: number | undefined;
  readonly metricsUrl?: string | undefined;
}

export interface ObserverOptions {
  readonly plan: Plan;
  readonly context: RunContext;
  readonly services: readonly ObservedService[];
}

export interface Observer extends AsyncDisposable {
  /** Where k6 pushes its metrics. */
  readonly receiver: { readonly url: string; readonly token: string };
  /** Adds a process (with its descendants); this process ("cutover") and "machine" are always watched. */
  watchProcess(source: string, role: ResourceWindow['role'], pid: number): void;
  /** Tells the load's start (Unix milliseconds): the zero of the timeline. What was pushed before is placed now. */
  loadStarted(startEpochMs: number): void;
  /** Milliseconds since the load's start; 0 until that is known. */
  readonly nowMs: () => number;
  /** The complete windows so far, read back from the timeline's file. */
  seconds(): Promise<readonly Second[]>;
  /** Readings so far of the edge's evidence counter; none before the load's start is known, negative times before it. */
  counter(edge: string): readonly CounterSample[];
  /** Called with each window once it is complete, about 1.5 s after its end. */
  onSecond(listener: (second: Second) => void): void;
  /** Closes the timeline with everything that was pushed. Call it after k6 has exited. Idempotent. */
  finish(): Promise<Pick<GeneratorObservation, 'pushesMs' | 'clockStepMs'> & { readonly seconds: readonly Second[] }>;
}

/**
 * Starts to observe a run: receives k6's pushes, reads processes and metrics pages once a second, and makes one `Second` of
 * it all for each second of the load, which goes into `timeline.ndjson` and to the listeners. Nothing is done per request.
 */
export async function startObserver({ plan, context, services }: ObserverOptions): Promise<Observer> {
  const { phases } = plan.load;
  const clock = startClock();
  const { monotonicMs } = clock;
  const aborter = new AbortController();
  let completed = 0;
  let anyDropped = false;
  let clockStepMs = 0;
  const listeners: ((second: Second) => void)[] = [];
  const windows = collectWindows();
  const windowOf = pushGrid();
  const follow = followSeries();
  const pushes: number[] = [];
  const early: { readonly at: number; readonly increments: readonly Increment[] }[] = [];
  let startMs: number | undefined;
  let finished: ReturnType<Observer['finish']> | undefined;

  const resources = watchResources(monotonicMs);
  for (const { name, pid } of services) if (pid !== undefined) resources.watchProcess(name, 'service', pid);
  const metrics = serviceMetrics({
    pages: new Map(services.flatMap(({ name, metricsUrl }) => (metricsUrl === undefined ? [] : [[name, metricsUrl]]))),
    selfReported: new Set(services.filter(({ pid }) => pid === undefined).map(({ name }) => name)),
    edges: plan.system.edges,
    nowMs: monotonicMs,
    signal: aborter.signal,
    onUsage: (service, atMs, usage) => resources.addUsage(service, 'service', atMs, usage),
  });

  await using started = new AsyncDisposableStack();
  const timelinePath = join(context.folder, RUN_FILES.timeline);
  const timeline = started.adopt(openSync(timelinePath, 'w'), closeSync);
  // Read back when they are asked for, and not kept: memory must not grow over a long run.
  const seconds = () => readTimelineFile(timelinePath);
  const receiver = started.use(
    await startReceiver((series) => {
      const at = monotonicMs();
      pushes.push(at);
      const increments = follow(series);
      if (startMs === undefined) early.push({ at, increments });
      else place(at - startMs, increments);
    }),
  );

  function place(atMs: number, increments: readonly Increment[]): void {
    // A window that is complete is not opened again: what comes too late for it counts in the first that is still open.
    windows.add(Math.max(completed, windowOf(atMs)), increments);
  }

  function complete(until: number, start: number): void {
    while (completed < until) {
      const t = completed;
      const [fromMs, toMs] = [t * 1_000, (t + 1) * 1_000];
      const load = windows.take(t);
      // Dropped iterations have no number, so that from then on a script cannot tell when an iteration was due.
      anyDropped ||= load.dropped > 0;
      const second: Second = {
        t,
        phase: phaseAt(phases, fromMs),
        offered: offeredIn(phases, fromMs, toMs),
        ...load,
        startLag: anyDropped ? emptyHistogram() : load.startLag,
        runtimes: metrics.runtimes(start + fromMs, start + toMs),
        resources: resources.between(start + fromMs, start + toMs),
      };
      completed += 1;
      writeSync(timeline, writeSecond(second));
      for (const listener of listeners) listener(second);
    }
  }

  const beat = (offsetMs: number) => (now: number) => {
    const zero = (startMs ?? 0) + offsetMs;
    return zero + (Math.floor((now - zero) / 1_000) + 1) * 1_000;
  };
  await resources.read();
  const sampler = started.use(
    startTicker(monotonicMs, beat(0), async () => {
      const stepMs = clock.stepMs();
      if (Math.abs(stepMs) > Math.abs(clockStepMs)) clockStepMs = stepMs;
      await Promise.all([resources.read(), metrics.read()]);
    }),
  );
  const completer = started.use(
    startTicker(monotonicMs, beat(SETTLE_MS % 1_000), () => {
      if (startMs === undefined) return;
      complete(Math.floor((monotonicMs() - startMs - SETTLE_MS) / 1_000), startMs);
    }),
  );
  started.defer(() => aborter.abort());

  async function finish(): ReturnType<Observer['finish']> {
    await completer[Symbol.asyncDispose]();
    await sampler[Symbol.asyncDispose]();
    if (startMs === undefined) return { seconds: [], pushesMs: [], clockStepMs };
    await Promise.all([resources.read(), metrics.read()]);
    const elapsedMs = monotonicMs() - startMs;
    const plannedMs = phases.at(-1)?.endMs ?? 0;
    // A plan that ends within a second: what was due in its last piece belongs to the timeline too.
    const planned = elapsedMs >= plannedMs ? Math.ceil(plannedMs / 1_000) : 0;
    complete(Math.max(Math.floor(elapsedMs / 1_000), planned, windows.last() + 1), startMs);
    const start = startMs;
    const pushesMs = pushes.map((at) => at - start);
    context.journal.record('observed', {
      seconds: completed,
      pushes: pushes.length,
      scrapeErrors: metrics.errors(),
    });
    return { seconds: await seconds(), pushesMs, clockStepMs };
  }

  const resourcesOfRun = started.move();
  return {
    receiver,
    watchProcess(source, role, pid) {
      resources.watchProcess(source, role, pid);
      // Not at the next beat: a load that starts sooner would miss it in its first second.
      void resources.read();
    },
    loadStarted(startEpochMs) {
      if (startMs !== undefined) return;
      startMs = clock.fromEpochMs(startEpochMs);
      for (const { at, increments } of early.splice(0)) place(at - startMs, increments);
    },
    nowMs: () => (startMs === undefined ? 0 : monotonicMs() - startMs),
    seconds,
    counter(edge) {
      if (startMs === undefined) return [];
      const start = startMs;
      return metrics.samples(edge).map(({ atMs, value }) => ({ atMs: atMs - start, value }));
    },
    onSecond: (listener) => void listeners.push(listener),
    finish: () => (finished ??= finish()),
    [Symbol.asyncDispose]: () => resourcesOfRun.disposeAsync(),
  };
}
