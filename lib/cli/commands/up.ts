import { once } from 'node:events';
import { join } from 'node:path';
import { startWarden } from '../../../chaos/warden.ts';
import { EXIT, type ExitCode, UsageError } from '../../errors.ts';
import { openJournal } from '../../journal/journal.ts';
import { needsCollector, watchTraces } from '../../observe/traces/watch-traces.ts';
import { loadPlans } from '../../plan/load-plans.ts';
import { type LoadedSystem, loadSystem } from '../../plan/load-system.ts';
import type { Plan } from '../../plan/plan.ts';
import { announceSystem } from '../../provision/live-system.ts';
import { portNames } from '../../provision/placeholders.ts';
import { type ProvisionedSystem, provision } from '../../provision/provision.ts';
import { asRunError } from '../../run-error.ts';
import { RUN_FILES, createRunFolder } from '../../run-folder.ts';
import { cacheDir } from '../../toolchain/cache-dir.ts';
import { createProgressWriter } from '../../toolchain/progress-bar.ts';
import { resolveTool } from '../../toolchain/toolchain.ts';
import { display } from '../display.ts';
import { abortOnSignals } from '../signals.ts';

export interface UpCommandOptions {
  readonly config?: string;
  readonly tap: boolean;
}

/** Under which name its run folders are kept. */
const UP = 'up';

/**
 * Brings the config's system up, with the traffic of an experiment if one is named, and keeps it until ctrl-C, so that faults
 * can be tried by hand. Then everything is stopped.
 *
 * Exit 0: it was up, and is down again. 4: it could not be brought up, or Toxiproxy or a tap ended by itself. 5: something
 * could not be shown to be stopped. 130: stopped before it was up.
 */
export async function upCommand(experiment: string | undefined, options: UpCommandOptions): Promise<ExitCode> {
  const { plan, output } = await loadUp(experiment, options.config);
  const say = (message: string): void => void process.stdout.write(`${message}\n`);
  using abort = abortOnSignals((message) => process.stderr.write(`${message}\n`), 'stopping everything');
  const toxiproxyServer = await findToxiproxy(plan, abort.signal);
  const { path: folder, id } = createRunFolder(output, UP, new Date());
  using journal = openJournal(join(folder, RUN_FILES.journal));
  journal.record('up-started', { runId: id, experiment });
  const context = { journal, signal: abort.signal, folder, cacheDir: cacheDir(process.env), progress: say };
  let exitCode: ExitCode = EXIT.pass;
  try {
    await using warden = await startWarden();
    // What it gets is thrown away: there is no load whose traces could be looked at.
    await using watch = needsCollector(plan) ? await watchTraces(plan) : undefined;
    await using system = await provision({
      plan,
      context,
      toxiproxyServer,
      warden,
      tapped: new Set(options.tap ? tappable(plan) : []),
      placeholders: watch?.placeholders,
    });
    using live = announceSystem(folder, system);
    journal.record('system-announced', { path: live.path });
    const lost = lostHelper(system, say);
    say(`\n${describeSystem(plan, system)}\nrun folder: ${display(folder)}\nup; ctrl-C stops everything`);
    await Promise.race([abort.signal.aborted ? undefined : once(abort.signal, 'abort'), lost]);
    if (!abort.signal.aborted) exitCode = EXIT.environment;
  } catch (thrown) {
    const error = asRunError(thrown, abort.signal);
    journal.record('up-error', { code: error.code, message: error.message });
    throw error;
  }
  journal.record('up-ended', { exitCode });
  say('everything is stopped');
  return exitCode;
}

async function loadUp(experiment: string | undefined, config: string | undefined): Promise<LoadedSystem> {
  const cwd = process.cwd();
  if (experiment === undefined) return await loadSystem(cwd, config);
  const { plans, output } = await loadPlans({ cwd, configPath: config, names: [experiment], overrides: [] });
  const [plan] = plans;
  if (plan === undefined) throw new UsageError(`no experiment "${experiment}"`);
  return { plan, output };
}

async function findToxiproxy({ system }: Plan, signal: AbortSignal): Promise<string | undefined> {
  if (Object.keys(system.edges).length === 0) return undefined;
  const { env } = process;
  using onProgress = createProgressWriter(process.stderr);
  return (await resolveTool('toxiproxy-server', { env, cacheDir: cacheDir(env), signal, onProgress })).path;
}

/** Single requests can be told apart where the protocol is known. */
function tappable({ system }: Plan): string[] {
  return Object.entries(system.edges).flatMap(([name, { protocol }]) => (protocol === 'tcp' ? [] : [name]));
}

/**
 * Settles when something ended that stands on the edges. A service that ends by itself is only told of: what its callers do
 * then may be what is to be seen.
 */
function lostHelper(system: ProvisionedSystem, say: (message: string) => void): Promise<void> {
  return new Promise((resolve) => {
    system.onIncident(({ source, message }) => {
      say(message);
      if (source === 'toxiproxy' || source === 'tap') resolve();
    });
  });
}

function describeSystem({ system: { services, edges } }: Plan, system: ProvisionedSystem): string {
  const rows = [
    ...Object.entries(services).map(([name, service]) => {
      if ('url' in service) return ['service', name, service.url];
      const ports = portNames(service.ports).map((port) => `${port} ${system.resolve(`{{${name}.${port}}}`)}`);
      const pid = system.services.find((other) => other.name === name)?.pid;
      return ['service', name, [`pid ${pid}`, ...ports].join(', ')];
    }),
    ...[...system.edges.values()].map(({ name, listen, upstream, protocol }) => {
      const from = edges[name]?.from ?? '';
      return ['edge', name, `${protocol}, ${from} → ${listen} → ${upstream}`];
    }),
  ];
  const width = Math.max(...rows.map(([, name = '']) => name.length));
  const lines = rows.map(([kind = '', name = '', text]) => `${kind.padEnd(8)} ${name.padEnd(width)}  ${text}`);
  const [first] = system.edges.keys();
  const example = `try: cutover fault latency --on ${first} --latency 300ms --for 10s`;
  return [...lines, ...(first === undefined ? [] : [example])].join('\n');
}
