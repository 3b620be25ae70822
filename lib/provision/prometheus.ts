import { mkdirSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type ChildExit, type GroupGuard, formatExit, startChild } from '../../chaos/drivers/child-process.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import { quoteLog } from '../../chaos/drivers/log-tail.ts';
import { renderRules } from '../alerts/rule-file.ts';
import type { RunContext } from '../context.ts';
import { CutoverError, EXIT, EnvironmentError } from '../errors.ts';
import { failureOf, runCommand } from '../toolchain/run-command.ts';
import { throwIfStopped } from './abort.ts';
import { type OwnPrometheus, prometheusConfig } from './prometheus-config.ts';
import { whatIsMissing } from './prometheus-ready.ts';

const FOLDER = 'prometheus';
const READY_TIMEOUT_MS = 20_000;
const STARTS = 3;

/** Rules that Prometheus would refuse: exit 2, before anything starts. */
class RulesError extends CutoverError {
  readonly code = 'invalid-rules';
  readonly exitCode = EXIT.usage;
}

export interface PrometheusServer extends AsyncDisposable {
  readonly pid: number;
  /** "http://127.0.0.1:NNNN" */
  readonly url: string;
  readonly exited: Promise<ChildExit>;
}

export interface PrometheusOptions {
  readonly settings: OwnPrometheus;
  /** Path of the prometheus executable. */
  readonly path: string;
  /** A service's metrics page, as it can be reached now. */
  readonly metricsUrl: (service: string) => string;
  readonly context: RunContext;
  readonly guard: GroupGuard;
}

/** Writes the run's rules and lets promtool read them. RulesError with what it says; EnvironmentError where it cannot be run. */
export async function checkRules({ groups }: OwnPrometheus, promtool: string, context: RunContext): Promise<void> {
  const file = writeRules(groups, context);
  const result = await runCommand(promtool, ['check', 'rules', file], {
    env: {},
    signal: context.signal,
    timeoutMs: READY_TIMEOUT_MS,
  });
  throwIfStopped(context.signal);
  const failure = failureOf(result, 'brief');
  if (failure === undefined) return;
  if (result.kind !== 'exited') throw new EnvironmentError('tool-unusable', `${promtool} ${failure}`);
  const said = `${result.stdout}\n${result.stderr}`.trim().replaceAll(/^/gm, '  ');
  throw new RulesError(`promtool refuses the rules of the experiment's alerts:\n${said}`, {
    hint: `they are in ${file}`,
  });
}

/**
 * Starts a Prometheus for this run on a free port of 127.0.0.1, with its data in the run folder, and waits until it has
 * scraped every service and evaluated every rule. Its data are removed with it. EnvironmentError.
 */
export async function startPrometheus(options: PrometheusOptions): Promise<PrometheusServer> {
  const { settings, context, metricsUrl } = options;
  const folder = join(context.folder, FOLDER);
  const config = join(folder, 'prometheus.yml');
  const rules = writeRules(settings.groups, context);
  writeFileSync(config, prometheusConfig(settings, metricsUrl, rules));
  for (let start = 1; ; start += 1) {
    const server = await startOnce(options, folder, config);
    let missing: string | undefined;
    try {
      missing = await untilReady(server, settings, context.signal);
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
    if (missing === undefined) {
      context.journal.record('prometheus-started', { pid: server.pid, url: server.url });
      return server;
    }
    const log = quoteLog(server.logFile);
    await server[Symbol.asyncDispose]();
    // It may have lost its port between the choice and its start.
    if (start < STARTS && log.includes('address already in use')) continue;
    throw new EnvironmentError('prometheus-not-ready', `Prometheus is not ready: ${missing}${log}`, {
      hint: "check the services' `metrics`",
    });
  }
}

type Started = PrometheusServer & { readonly logFile: string; readonly exit: () => ChildExit | undefined };

async function startOnce(
  { path, context, guard }: PrometheusOptions,
  folder: string,
  config: string,
): Promise<Started> {
  const port = await freePort();
  const data = join(folder, 'data');
  const child = await startChild({
    title: 'prometheus',
    command: [
      path,
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      '--storage.tsdb.retention.time=1d',
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=warn',
    ],
    cwd: folder,
    // It must not take the CPUs that the load and the services need.
    env: { GOMAXPROCS: '1' },
    logFile: join(context.folder, 'logs', 'prometheus.log'),
    stopTimeoutMs: 5_000,
    guard,
  });
  const { pid, exited, exit, logFile } = child;
  const url = `http://127.0.0.1:${port}`;
  return {
    pid,
    url,
    exited,
    exit,
    logFile,
    async [Symbol.asyncDispose]() {
      await child.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Undefined once it is; else what it lacked at the end. */
async function untilReady(server: Started, settings: OwnPrometheus, signal: AbortSignal): Promise<string | undefined> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    throwIfStopped(signal);
    const exit = server.exit();
    if (exit !== undefined) return `it ended (${formatExit(exit)})`;
    const missing = await whatIsMissing(server.url, settings, signal);
    // Whoever answered was this child only if it still runs.
    if (missing === undefined && server.exit() === undefined) return undefined;
    if (performance.now() > deadlineMs) return missing ?? 'it ended';
    await delay(50, undefined, { signal }).catch(() => throwIfStopped(signal));
  }
}

function writeRules(groups: OwnPrometheus['groups'], context: RunContext): string {
  const folder = join(context.folder, FOLDER);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'rules.yml');
  writeFileSync(file, renderRules(groups));
  return file;
}
