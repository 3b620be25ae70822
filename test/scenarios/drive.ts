import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleScenario } from '../../lib/drive/bundle.ts';
import { k6Command } from '../../lib/drive/k6-command.ts';
import { parseK6LogLine } from '../../lib/drive/k6-log.ts';
import { addHistograms, emptyHistogram } from '../../lib/observe/histogram.ts';
import type { Second } from '../../lib/observe/observations.ts';
import { startObserver } from '../../lib/observe/observe.ts';
import type { Phase, Plan } from '../../lib/plan/plan.ts';
import type { TestContext } from '../helpers/run-context.ts';

export interface Drive {
  readonly k6: string;
  readonly context: TestContext;
  readonly scenario: string;
  readonly phases: readonly Phase[];
  readonly maxVUs: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Latency limits in milliseconds, for all operations. */
  readonly under?: readonly number[];
}

export interface Driven {
  readonly seconds: readonly Second[];
  /** Lines of k6's log above the level "info". */
  readonly complaints: readonly string[];
}

/** Bundles, drives and observes a scenario as a run does, without the rest of one. */
export async function drive({ k6, context, scenario, phases, maxVUs, env = {}, under = [] }: Drive): Promise<Driven> {
  mkdirSync(context.folder, { recursive: true });
  const plan: Plan = {
    version: 1,
    experiment: 'driven',
    description: '',
    seed: 1,
    root: '/',
    system: { services: {}, edges: {} },
    traffic: {},
    load: { scenario, env, phases, steady: phases[0]?.name ?? '', maxVUs, recordWrites: false },
    faults: [],
    drills: [],
    budgets: under.map((limit) => ({
      name: `under ${limit} ms`,
      kind: 'latency',
      operation: '*',
      phase: phases[0]?.name ?? '',
      under: limit,
      atLeast: 0.5,
      minEvents: 1,
    })),
  };
  const bundle = await bundleScenario(plan, join(context.folder, 'scenario.js'));
  await using observer = await startObserver({ plan, context, services: [] });
  const phaseEnv = Object.fromEntries(phases.flatMap(({ name, env: own }) => (own === undefined ? [] : [[name, own]])));
  const command = k6Command({
    plan,
    k6,
    runId: 'test',
    receiver: observer.receiver,
    env,
    phaseEnv,
    inherited: process.env,
  });
  const child = spawn(command.command, command.args, {
    cwd: dirname(scenario),
    stdio: [openSync(bundle.path, 'r'), 'ignore', 'pipe'],
    env: command.env,
  });
  let log = '';
  const { stderr } = child;
  if (stderr === null) throw new Error('k6 has no standard error');
  stderr.setEncoding('utf8').on('data', (part: string) => {
    log += part;
    for (const line of log.split('\n')) {
      const started = line.startsWith('{') && line.endsWith('}') ? parseK6LogLine(line).loadStartedEpochMs : undefined;
      if (started !== undefined) observer.loadStarted(started);
    }
  });
  await once(child, 'close');
  const { seconds } = await observer.finish();
  const complaints = log.split('\n').filter((line) => line !== '' && !/"level":"(info|debug)"/.test(line));
  return { seconds, complaints };
}

export interface Total {
  readonly succeeded: number;
  readonly failed: number;
  readonly rejected: number;
  /** How many were surely, and how many perhaps, under each limit; undefined: some were not counted. */
  readonly within: Readonly<Record<number, readonly [low: number, high: number]>> | undefined;
}

/** All of each operation, by "protocol operation", in one phase or in all. */
export function totals(seconds: readonly Second[], phase?: string): Readonly<Record<string, Total>> {
  const found: Record<string, Total> = {};
  for (const window of seconds.flatMap(({ operations }) => operations)) {
    if (phase !== undefined && window.phase !== phase) continue;
    const key = `${window.protocol} ${window.operation}`;
    const before = found[key] ?? { succeeded: 0, failed: 0, rejected: 0, within: {} };
    const within = before.within === undefined || window.within === undefined ? undefined : { ...before.within };
    for (const { underMs, low, high } of window.within ?? []) {
      const [lowBefore, highBefore] = within?.[underMs] ?? [0, 0];
      if (within !== undefined) within[underMs] = [lowBefore + low, highBefore + high];
    }
    found[key] = {
      succeeded: before.succeeded + window.succeeded.count,
      failed: before.failed + window.failed.count,
      rejected: before.rejected + window.rejected,
      within,
    };
  }
  return found;
}

export const startLags = (seconds: readonly Second[]) =>
  seconds.map(({ startLag }) => startLag).reduce(addHistograms, emptyHistogram());
