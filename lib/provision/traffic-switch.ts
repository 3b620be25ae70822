import type { RunContext } from '../context.ts';
import { EnvironmentError } from '../errors.ts';
import type { Plan } from '../plan/plan.ts';
import type { Traffic } from '../plan/schema/experiment.ts';
import { switchOf } from '../plan/schema/system.ts';
import { type HookCall, callHook, readUntil } from './hook.ts';
import { resolvePlaceholders } from './placeholders.ts';
import type { RouteFiles } from './route-files.ts';

export interface SwitchOptions {
  readonly plan: Pick<Plan, 'system' | 'root'>;
  /** Of the placeholders that stand for something in the whole system. */
  readonly values: ReadonlyMap<string, string>;
  readonly context: RunContext;
  readonly files: RouteFiles;
  /** What each capability has now; brought up to date. */
  readonly current: Map<string, Traffic>;
  /** How long a switch may take to show what it was asked for. */
  readonly readBackMs?: number;
}

/**
 * Sets every capability to what is asked for and reads it back until the switch shows it (a switch may take a moment
 * to reach every replica). EnvironmentError('traffic-switch-failed' | 'traffic-switch-not-applied').
 */
export async function switchTraffic(wanted: Plan['traffic'], options: SwitchOptions): Promise<void> {
  const { plan, context, files, current, readBackMs = 10_000 } = options;
  for (const [capability, traffic] of Object.entries(wanted)) {
    const trafficSwitch = switchOf(plan.system, capability);
    if (trafficSwitch === undefined) {
      throw new EnvironmentError('traffic-switch-failed', `no traffic switch to move "${capability}" with`);
    }
    current.set(capability, traffic);
    const { mode, share } = describeTraffic(traffic);
    const all = new Map([...options.values, ...placeholdersOf(capability, trafficSwitch.capabilities, current)]);
    const call: HookCall = {
      what: `traffic switch of "${capability}"`,
      code: 'traffic-switch-failed',
      resolve: (text) => resolvePlaceholders(text, all),
      root: plan.root,
      signal: context.signal,
    };
    const { set, read } = trafficSwitch;
    await ('file' in set ? files.write(set, mode, call) : callHook(set, call));
    const last = await readUntil(read, share, call, readBackMs);
    if (last.value !== share) {
      throw new EnvironmentError(
        'traffic-switch-not-applied',
        `traffic switch: "${capability}" was set to ${share} % but reads back ${JSON.stringify(last.value)} at ${call.resolve(read.pointer)}`,
        { hint: last.value === undefined ? 'check `read.pointer` in the configuration' : undefined },
      );
    }
    context.journal.record('traffic-switched', { capability, mode, share });
    context.progress(`traffic: ${capability} is ${mode === 'canary' ? `canary ${share} %` : mode}`);
  }
}

export type Mode = 'off' | 'shadow' | 'dual' | 'canary' | 'full';

/** The mode's name and the share of traffic, in per cent, that the candidate answers (a shadow answers none). */
function describeTraffic(traffic: Traffic): { mode: Mode; share: number } {
  if (typeof traffic === 'object') return { mode: 'canary', share: traffic.canary };
  return { mode: traffic, share: traffic === 'full' ? 100 : 0 };
}

/** Those of the capability that is moved, and those of all of its switch; one that was never moved is off. */
function placeholdersOf(
  moved: string,
  capabilities: readonly string[],
  current: ReadonlyMap<string, Traffic>,
): readonly (readonly [string, string])[] {
  const of = (capability: string, end: string): readonly (readonly [string, string])[] => {
    const { mode, share } = describeTraffic(current.get(capability) ?? 'off');
    // Without the last bits that binary arithmetic leaves behind.
    const rest = Number((100 - share).toFixed(6));
    return [
      [`mode${end}`, mode],
      [`share${end}`, String(share)],
      [`rest${end}`, String(rest)],
    ];
  };
  return [
    ['capability', moved],
    ...of(moved, ''),
    ...capabilities.flatMap((capability) => of(capability, `.${capability}`)),
  ];
}
