import type { RunContext } from '../context.ts';
import { CleanupError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Traffic } from '../plan/schema/experiment.ts';
import { killSwitch, killsOf } from './kill-switch.ts';
import { routeFiles } from './route-files.ts';
import { switchTraffic } from './traffic-switch.ts';

/** Moves a system's traffic while it runs. Disposing of it releases a kill switch that is still engaged, and puts route files back. */
export interface TrafficControl extends AsyncDisposable {
  /** With read-back, one after the other; see `switchTraffic`. */
  readonly switchTraffic: (traffic: Plan['traffic']) => Promise<void>;
  /** Engages or releases the kill switches, with read-back; what they read. See `killSwitch`. */
  readonly killSwitch: (engaged: boolean) => Promise<readonly unknown[]>;
}

export interface TrafficControlOptions {
  readonly plan: Pick<Plan, 'system' | 'root'>;
  readonly values: ReadonlyMap<string, string>;
  readonly context: RunContext;
  /** How long a switch may take to show what it was asked for. */
  readonly readBackMs?: number;
}

/** How long the release at the end may take. */
const RELEASE_MS = 5_000;

export function trafficControl(options: TrafficControlOptions): TrafficControl {
  const { plan, values, context } = options;
  const files = routeFiles(context.journal);
  const current = new Map<string, Traffic>();
  let engaged = false;
  // One file may hold the routes of several capabilities: moves must not overtake one another.
  let last: Promise<unknown> = Promise.resolve();
  return {
    switchTraffic(traffic) {
      const next = last.then(() => switchTraffic(traffic, { ...options, files, current }));
      last = next.catch(() => {});
      return next;
    },
    async killSwitch(wanted) {
      // Before the call: when it fails, it may have done its work all the same.
      if (wanted) engaged = killsOf(plan.system).length > 0;
      const states = await killSwitch(plan, wanted, values, context, options.readBackMs);
      engaged = wanted;
      return states;
    },
    async [Symbol.asyncDispose]() {
      await using _ = files;
      if (!engaged) return;
      const anew = { ...context, signal: new AbortController().signal };
      try {
        await killSwitch(plan, false, values, anew, RELEASE_MS);
      } catch (cause) {
        // A system that ends with the run takes its switch with it.
        if (!Object.values(plan.system.services).some((service) => 'url' in service)) return;
        throw new CleanupError(`the kill switch is still engaged: ${(cause as Error).message}`, { cause });
      }
    },
  };
}
