import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { actDrills } from '../chaos/drills/acts/act-drills.ts';
import { evidenceEdges } from '../chaos/faults/evidence-edges.ts';
import { readAttempts } from '../chaos/tap/read-attempts.ts';
import { walkSchedule } from '../chaos/walk-schedule.ts';
import { startWarden } from '../chaos/warden.ts';
import { type AlertTools, checkAlertRules, startAlertWatch } from './alert-watch.ts';
import { accountsOf } from './check-run-history.ts';
import type { RunContext } from './context.ts';
import { type Bundle, bundleScenario, stopBundler } from './drive/bundle.ts';
import { startLoad } from './drive/load.ts';
import { walkPhases } from './drive/walk-phases.ts';
import { historyContext } from './history-context.ts';
import { END_TOLERANCE_MS } from './judge/integrity.ts';
import { judgePhase } from './judge/judge.ts';
import { readFinalStates, readInitialStates } from './observe/history/collect.ts';
import type {
  Attempt,
  CounterSample,
  FaultObservation,
  Incident,
  Observations,
  Second,
} from './observe/observations.ts';
import { type Observer, startObserver } from './observe/observe.ts';
import { needsCollector, watchTraces } from './observe/traces/watch-traces.ts';
import type { Fault, Plan } from './plan/plan.ts';
import { type HookCall, callHook, readHook } from './provision/hook.ts';
import { announceSystem } from './provision/live-system.ts';
import { provision } from './provision/provision.ts';
import { readinessProbe } from './provision/readiness/wait.ts';
import { RUN_FILES } from './run-folder.ts';
import { formatDuration } from './units.ts';

export interface MeasureOptions {
  readonly plan: Plan;
  readonly context: RunContext;
  readonly runId: string;
  readonly tools: AlertTools & { readonly k6: string; readonly toxiproxyServer: string | undefined };
  /** Called once a second while the load runs. */
  readonly onSecond: (second: Second) => void;
}

export interface Measured {
  readonly observations: Observations;
  readonly bundle: Bundle;
  /** Why the run ended before its planned end; undefined when it didn't. */
  readonly stoppedEarly: string | undefined;
}

/**
 * Provision, drive and observe: brings the system up, drives it, breaks it and returns what was seen. Everything that was
 * started is stopped before this returns; `deliver` is given the result before that, so that a failing clean-up does not
 * lose it.
 */
export async function measure(options: MeasureOptions, deliver: (measured: Measured) => void): Promise<void> {
  const { plan, context, runId, tools } = options;
  const { journal, progress } = context;
  const bundle = await bundleScenario(plan, join(context.folder, RUN_FILES.scenario));
  // The bundler's process would stay, and wake up once a second, while the load runs.
  await stopBundler();

  await checkAlertRules(plan, tools, context);

  await using warden = await startWarden();
  // Before the services, which export to it, and until they have stopped.
  await using watch = needsCollector(plan) ? await watchTraces(plan) : undefined;
  const { toxiproxyServer } = tools;
  const { placeholders } = watch ?? {};
  await using system = await provision({ plan, context, toxiproxyServer, warden, placeholders });
  using live = announceSystem(context.folder, system);
  journal.record('system-announced', { path: live.path });
  await using alertWatch = await startAlertWatch(plan, system, tools, context, warden);
  await using observer = await startObserver({ plan, context, services: system.services });
  if (system.toxiproxyPid !== undefined) observer.watchProcess('toxiproxy', 'proxy', system.toxiproxyPid);
  if (system.tap !== undefined) observer.watchProcess('tap', 'proxy', system.tap.pid);
  if (alertWatch?.pid !== undefined) observer.watchProcess('prometheus', 'harness', alertWatch.pid);
  system.onServiceStarted((name, pid) => observer.watchProcess(name, 'service', pid));

  using stop = new StopReason(context.signal);
  const incidents: Incident[] = [];
  system.onIncident(({ source, message }) => {
    incidents.push({ atMs: observer.nowMs(), source, message });
    journal.record('incident', { source, message });
    stop.because(`${source} ended unexpectedly`);
  });

  const history =
    plan.history === undefined
      ? undefined
      : historyContext({
          history: plan.history,
          root: plan.root,
          context,
          resolve: system.resolve,
          nowMs: observer.nowMs,
        });
  const initialStates = history === undefined ? undefined : await readInitialStates(history);

  progress('starting the load');
  const { receiver } = observer;
  const { k6 } = tools;
  await using load = await startLoad({
    plan,
    context,
    bundle,
    k6,
    runId,
    receiver,
    resolve: system.resolve,
    guard: warden,
  });
  observer.watchProcess('k6', 'generator', load.pid);
  const startEpochMs = await load.started;
  observer.loadStarted(startEpochMs);
  observer.onSecond(options.onSecond);
  journal.record('load-started', { startEpochMs });
  void load.exited.then(() => stop.because('the load generator ended'));

  const switching = walkPhases({
    phases: plan.load.phases,
    nowMs: observer.nowMs,
    switchTraffic: system.traffic.switchTraffic,
    signal: stop.signal,
    onFailure: (phase, { message }) => stop.because(`traffic could not be moved when ${phase} began: ${message}`),
  });
  const hookCall = (what: string): HookCall => ({
    what,
    code: 'hook-failed',
    resolve: system.resolve,
    root: plan.root,
    signal: stop.signal,
  });
  const acting = actDrills(plan.drills, {
    context,
    root: plan.root,
    seed: plan.seed,
    resolve: system.resolve,
    nowMs: observer.nowMs,
    seconds: () => observer.seconds(),
    onSecond: (listener) => observer.onSecond(listener),
    switchTraffic: system.traffic.switchTraffic,
    killSwitch: async (engaged) => {
      const askedMs = observer.nowMs();
      const states = await system.traffic.killSwitch(engaged);
      return { askedMs, appliedMs: observer.nowMs(), states };
    },
    callHook: (what, hook) => callHook(hook, hookCall(what)),
    readHook: (what, hook) => readHook(hook, hookCall(what)),
    controls: system.controls,
    collector: watch?.collector,
    ask: (probe, signal) => readinessProbe(probe, system.resolve).ask(signal),
    signal: stop.signal,
  });
  watch?.probe({
    runId,
    root: plan.root,
    resolve: system.resolve,
    nowMs: observer.nowMs,
    signal: stop.signal,
  });
  const walked = await walkSchedule({
    plan,
    edges: system.edges,
    services: system.controls,
    tap: system.tap,
    context,
    leases: warden,
    nowMs: observer.nowMs,
    signal: stop.signal,
    beforeFirstFault: async () => {
      const checks = judgePhase(plan, await observer.seconds(), plan.load.steady);
      const broken = checks.filter(({ outcome }) => outcome === 'fail');
      if (broken.length === 0) return 'go';
      const titles = broken.map(({ title }) => title).join('; ');
      stop.because(
        `the steady state did not hold before the first fault, so that nothing could be learnt from it: ${titles}`,
      );
      return 'stop';
    },
  });
  await Promise.race([load.exited, stop.stopped]);
  const plannedEndMs = plan.load.phases.at(-1)?.endMs ?? 0;
  const loadEndMs = Math.min(plannedEndMs, observer.nowMs());
  await load.stop();
  const exit = await load.exited;
  journal.record('load-ended', { ...exit, loadEndMs });
  stop.because('the load is over');
  const [switches, drills] = await Promise.all([switching, acting]);
  const { seconds, pushesMs, clockStepMs } = await observer.finish();
  const alerts = await alertWatch?.finish(startEpochMs, loadEndMs);
  // Samples went on after a fault was removed: what it cost may show only then.
  const faults = plan.faults.flatMap((fault): FaultObservation[] => {
    const seen = walked.find(({ name }) => name === fault.name);
    return seen === undefined ? [] : [{ ...seen, evidence: evidenceOf(fault, plan, observer) }];
  });
  // The load is over and every fault gone, but the system is still there to be asked.
  const finalStates =
    history === undefined || initialStates === undefined
      ? undefined
      : await readFinalStates(initialStates, () => accountsOf(context.folder), history);
  await system.tap?.flush();
  const traces = await watch?.finish({ folder: context.folder, startEpochMs, signal: context.signal });
  const attempts = plan.drills.length === 0 ? [] : await attemptsOf(context.folder, startEpochMs);

  deliver({
    bundle,
    stoppedEarly:
      loadEndMs < plannedEndMs - END_TOLERANCE_MS
        ? `${stop.reason ?? 'stopped'} (after ${formatDuration(loadEndMs)} of ${formatDuration(plannedEndMs)})`
        : undefined,
    observations: {
      startEpochMs,
      loadEndMs,
      phases: plan.load.phases,
      seconds,
      generator: { exit, pushesMs, maxVUs: plan.load.maxVUs, cpus: availableParallelism(), clockStepMs },
      faults,
      attempts,
      drills,
      switches,
      incidents,
      ...(finalStates === undefined ? {} : { history: finalStates }),
      ...(alerts === undefined ? {} : { alerts }),
      ...(traces === undefined ? {} : { traces }),
    },
  });
  progress('stopping everything');
}

/** What the callers on an edge, or on all edges to a service, tell of failures, by scrape. */
function evidenceOf(fault: Fault, { system }: Plan, observer: Observer): readonly CounterSample[] | undefined {
  const edges = evidenceEdges(fault, system);
  if (edges.length === 0) return undefined;
  const byTime = Map.groupBy(
    edges.flatMap((name) => observer.counter(name)),
    ({ atMs }) => atMs,
  );
  // A page that was read for one of them was read for all that stand on it.
  return [...byTime].map(([atMs, samples]) => ({ atMs, value: samples.reduce((sum, { value }) => sum + value, 0) }));
}

/** What the tap saw, on the run's clock. */
async function attemptsOf(folder: string, startEpochMs: number): Promise<readonly Attempt[]> {
  const path = join(folder, RUN_FILES.attempts);
  if (!existsSync(path)) return [];
  const attempts = (await readAttempts(path)).map(({ startMs, endMs, ...rest }) => ({
    ...rest,
    startMs: startMs - startEpochMs,
    ...(endMs === undefined ? {} : { endMs: endMs - startEpochMs }),
  }));
  return attempts.toSorted((a, b) => a.startMs - b.startMs);
}

/**
 * The first of the things that end a run: the user's abort, an incident, the load's own end. Disposing of it ends whatever
 * still waits for its time, also after an error.
 */
class StopReason implements Disposable {
  readonly signal: AbortSignal;
  readonly stopped: Promise<void>;
  #reason: string | undefined;
  readonly #controller = new AbortController();

  constructor(user: AbortSignal) {
    this.signal = AbortSignal.any([user, this.#controller.signal]);
    this.stopped = new Promise((resolve) => {
      if (this.signal.aborted) resolve();
      else this.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    user.addEventListener('abort', () => (this.#reason ??= 'aborted by the user'), { once: true });
  }

  get reason(): string | undefined {
    return this.#reason;
  }

  because(reason: string): void {
    this.#reason ??= reason;
    this.#controller.abort();
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}
