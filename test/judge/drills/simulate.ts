import { latencyLimits } from '../../../lib/drive/limits.ts';
import type { Observations, OperationWindow, Second } from '../../../lib/observe/observations.ts';
import type { Phase, Plan } from '../../../lib/plan/plan.ts';
import { healthy, operation, second } from '../builders.ts';
import { normal, seeded } from '../random.ts';
import { type Answer, type CallerOptions, caller } from './caller.ts';
import { type Clockwork, clockwork } from './clockwork.ts';
import { EDGE } from './plans.ts';
import { tap as startTap } from './tap.ts';

export interface Simulated {
  readonly plan: Plan;
  readonly seed: number;
  readonly caller: Partial<CallerOptions>;
  /** Requests of the operation that needs the edge come at the plan's rate: at random (Poisson), or evenly. */
  readonly arrivals?: 'random' | 'even';
  /** The other operation's, a second. */
  readonly others?: number;
  /** The other operation takes as long as the calls on the edge do. */
  readonly sharesPool?: boolean;
  /** Middle and spread (of the logarithm) of how long the callee takes. */
  readonly answerMs?: number;
  readonly spread?: number;
  readonly offsetMs?: number;
  /** The callee's operation. */
  readonly call?: string;
  readonly callsPerRequest?: 0 | 1;
}

interface Done {
  readonly operation: string;
  readonly phase: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly answer: Answer;
}

/** Runs the plan's load against a caller with the given behaviour: what the harness would have seen of it. */
export function simulate(options: Simulated): Observations {
  const { plan, seed, arrivals = 'random', others = 60, answerMs = 4, spread = 0.4, offsetMs = 0 } = options;
  const random = seeded(seed);
  const clock = clockwork();
  const spreadOut = (middleMs: number) => () => middleMs * Math.exp(spread * normal(random));
  const [own, way, slow] = [spreadOut(0.6), spreadOut(0.3), spreadOut(answerMs)];
  const tap = startTap({ plan, clock, answerMs: slow, lagMs: () => 1 + 14 * random(), offsetMs });
  const handle = caller(
    {
      callTimeoutMs: 500,
      deadlineMs: 2_000,
      fallback: false,
      propagates: true,
      traces: true,
      ownMs: own,
      wayMs: way,
      ...options.caller,
    },
    clock,
    tap,
  );
  const done: Done[] = [];
  let number = 0;
  for (const phase of plan.load.phases) {
    const ended = (name: string, startMs: number) => (answer: Answer) =>
      done.push({ operation: name, phase: phase.name, startMs, endMs: clock.nowMs(), answer });
    const arrive = { clock, phase, random, evenly: arrivals === 'even' };
    eachArrival({ ...arrive, perSecond: phase.fromPerSecond }, (startMs) => {
      const over = ended('quote', startMs);
      number += 1;
      const trace = number.toString(16).padStart(32, '0');
      const call = { edge: EDGE, operation: options.call ?? '/cutover.v1.Pricing/Quote' };
      // The way of the client's request, and the answer's.
      if (options.callsPerRequest === 0) clock.at(startMs + 2 * own(), () => over('ok'));
      else clock.at(startMs + own(), () => handle(call, trace, over));
    });
    const waits = plan.faults.find(({ startMs, kind }) => startMs === phase.startMs && kind === 'request-delay');
    const heldMs = options.sharesPool === true && waits?.kind === 'request-delay' ? waits.delayMs : 0;
    eachArrival({ ...arrive, evenly: false, perSecond: others }, (startMs) => {
      const over = ended('read', startMs);
      clock.at(startMs + slow() + heldMs * random(), () => over('ok'));
    });
  }
  clock.run();
  return {
    ...healthy(plan),
    seconds: secondsOf(plan, done),
    attempts: tap.attempts.toSorted((a, b) => a.startMs - b.startMs),
    faults: tap.faults(),
    drills: plan.drills.map(({ name }) => ({ drill: name, requests: [], probes: [] })),
  };
}

interface Arriving {
  readonly clock: Clockwork;
  readonly phase: Phase;
  readonly random: () => number;
  readonly evenly: boolean;
  readonly perSecond: number;
}

/** One at a time, so that little is planned ahead. */
function eachArrival({ clock, phase, random, evenly, perSecond }: Arriving, arrive: (startMs: number) => void): void {
  if (perSecond === 0) return;
  const distanceMs = 1_000 / perSecond;
  const next = (afterMs: number): void => {
    const startMs = afterMs + (evenly ? distanceMs : -Math.log(1 - random()) * distanceMs);
    if (startMs >= phase.endMs) return;
    clock.at(startMs, () => {
      arrive(startMs);
      next(startMs);
    });
  };
  next(evenly ? phase.startMs - distanceMs / 2 : phase.startMs);
}

function secondsOf(plan: Plan, done: readonly Done[]): Second[] {
  const endMs = plan.load.phases.at(-1)?.endMs ?? 0;
  const limits = latencyLimits(plan);
  const bySecond = Map.groupBy(done, (request) =>
    Math.min(Math.ceil(endMs / 1_000) - 1, Math.floor(request.endMs / 1_000)),
  );
  return Array.from({ length: Math.ceil(endMs / 1_000) }, (_, t) => {
    const windows = Map.groupBy(bySecond.get(t) ?? [], ({ operation: name, phase }) => `${name} ${phase}`);
    const phase = plan.load.phases.find(({ startMs, endMs: to }) => startMs <= t * 1_000 && t * 1_000 < to);
    return second({
      t,
      phase: phase?.name ?? '',
      operations: [...windows.values()].map((requests) => windowOf(requests, limits)),
    });
  });
}

function windowOf(requests: readonly Done[], limits: ReturnType<typeof latencyLimits>): OperationWindow {
  const durations = (answer: Answer) =>
    requests.flatMap((request) => (request.answer === answer ? [request.endMs - request.startMs] : []));
  const okMs = durations('ok');
  const { operation: name = '', phase = '' } = requests[0] ?? {};
  const within = limits
    .filter((limit) => limit.operation === name)
    .map(({ underMs }) => {
      const under = okMs.filter((ms) => ms < underMs).length;
      return { underMs, low: under, high: under };
    });
  return operation({
    operation: name,
    protocol: 'grpc',
    phase,
    okMs,
    failedMs: durations('failed'),
    schema: 6,
    ...(within.length === 0 ? {} : { within }),
  });
}
