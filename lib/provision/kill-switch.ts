import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { System, TrafficSwitch } from '../plan/schema/system.ts';
import { throwIfStopped } from './abort.ts';
import { type HookCall, callHook, pause, readUntil } from './hook.ts';
import { resolvePlaceholders } from './placeholders.ts';

/**
 * Engages or releases every kill switch there is, reads each back, and returns what they read. A call that fails is made again until
 * `withinMs` is over: the way to the switch may be what is broken. EnvironmentError('kill-switch-failed' | 'kill-switch-not-applied').
 */
export async function killSwitch(
  { system, root }: Pick<Plan, 'system' | 'root'>,
  engaged: boolean,
  values: ReadonlyMap<string, string>,
  context: RunContext,
  withinMs = 10_000,
): Promise<readonly unknown[]> {
  const kills = killsOf(system);
  if (kills.length === 0) {
    throw new EnvironmentError('kill-switch-failed', 'no traffic switch of the system has a kill switch', {
      hint: 'give `trafficSwitch` a `kill`',
    });
  }
  const call: HookCall = {
    what: engaged ? 'kill switch' : 'release of the kill switch',
    code: 'kill-switch-failed',
    resolve: (text) => resolvePlaceholders(text, values),
    root,
    signal: context.signal,
    // Rather asked again soon than waited for: a lost answer does not come any more.
    timeoutMs: 1_000,
  };
  const states = await Promise.all(
    kills.map(async ({ engage, release, read }) => {
      const deadlineMs = performance.now() + withinMs;
      for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 250)) {
        try {
          await callHook(engaged ? engage : release, call);
          const { value, document } = await readUntil(read, engaged, call, Math.min(500, withinMs));
          if (value === engaged) return document;
          if (performance.now() >= deadlineMs) {
            const pointer = call.resolve(read.pointer);
            throw new EnvironmentError(
              'kill-switch-not-applied',
              `${call.what}: reads back ${JSON.stringify(value)} at ${pointer}, not ${engaged}`,
            );
          }
        } catch (error) {
          throwIfStopped(context.signal);
          if (performance.now() >= deadlineMs) throw error;
          context.journal.record('kill-switch-again', { engaged, message: (error as Error).message });
        }
        await pause(pauseMs, context.signal);
      }
    }),
  );
  context.journal.record('kill-switch', { engaged });
  context.progress(`kill switch: ${engaged ? 'engaged' : 'released'}`);
  return states;
}

/** The kill switches of a system, of whichever traffic switches have one. */
export function killsOf({
  trafficSwitch,
}: Pick<System, 'trafficSwitch'>): readonly NonNullable<TrafficSwitch['kill']>[] {
  return [trafficSwitch ?? []].flat().flatMap(({ kill }) => kill ?? []);
}
