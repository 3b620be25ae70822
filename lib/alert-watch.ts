import type { GroupGuard } from '../chaos/drivers/child-process.ts';
import type { RunContext } from './context.ts';
import { EnvironmentError } from './errors.ts';
import { type AlertsWatch, watchAlerts } from './observe/alerts/watch-alerts.ts';
import type { Plan } from './plan/plan.ts';
import { checkRules, startPrometheus } from './provision/prometheus.ts';
import type { ProvisionedSystem } from './provision/provision.ts';

export interface AlertTools {
  /** Needed where a plan has rules of its own. */
  readonly prometheus: string | undefined;
  readonly promtool: string | undefined;
}

export interface RunningAlertWatch extends AlertsWatch {
  /** Of the run's own Prometheus. */
  readonly pid: number | undefined;
}

/** Says what is wrong with a plan's rules before anything starts. */
export async function checkAlertRules({ alerts }: Plan, { promtool }: AlertTools, context: RunContext): Promise<void> {
  if (alerts === undefined || !('groups' in alerts.prometheus)) return;
  await checkRules(alerts.prometheus, required('promtool', promtool), context);
}

/** Starts the plan's Prometheus, or reaches the one that runs already, and watches it. Undefined where no alert is asked for. */
export async function startAlertWatch(
  { alerts }: Plan,
  system: ProvisionedSystem,
  { prometheus: path }: AlertTools,
  context: RunContext,
  guard: GroupGuard,
): Promise<RunningAlertWatch | undefined> {
  if (alerts === undefined) return undefined;
  const { prometheus: settings } = alerts;
  if ('url' in settings) {
    return { ...(await watchAlerts(alerts, system.resolve(settings.url), context)), pid: undefined };
  }
  context.progress('prometheus: starting');
  const stack = new AsyncDisposableStack();
  try {
    const metrics = new Map(system.services.map(({ name, metricsUrl }) => [name, metricsUrl]));
    const server = stack.use(
      await startPrometheus({
        settings,
        path: required('prometheus', path),
        metricsUrl: (service) => metrics.get(service) ?? '',
        context,
        guard,
      }),
    );
    const watch = stack.use(await watchAlerts(alerts, server.url, context));
    return {
      finish: (...span) => watch.finish(...span),
      pid: server.pid,
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

function required(name: string, path: string | undefined): string {
  if (path !== undefined) return path;
  throw new EnvironmentError('tool-missing', `the experiment has alerts, but there is no ${name}`);
}
