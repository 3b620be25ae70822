/**
 * The tap's process: stands on the tapped edges of a run, says in one line of its output where, and ends on SIGTERM after
 * what is in flight was given a moment to end.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { parseAddress } from './address.ts';
import { TAP_ENV, type TapConfig, type TapReady } from './config.ts';
import { startControlServer } from './control-server.ts';
import { type EdgeServer, serveEdge } from './edge-server.ts';
import type { TappedEdge } from './edge.ts';
import { openRecorder } from './recorder.ts';
import { ruleBook } from './rule-book.ts';

const DRAIN_MS = 1_000;
const DRAIN_STEP_MS = 10;

const config = JSON.parse(process.env[TAP_ENV.config] ?? '') as TapConfig;
const token = process.env[TAP_ENV.token] ?? '';
if (token === '') throw new Error(`needs ${TAP_ENV.token}`);

const stopped = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));
// Ctrl-C in the terminal is the harness's business.
process.on('SIGINT', () => {});

const recorder = await openRecorder(config.attemptsFile);
const edges = new Map<string, TappedEdge>();
const servers: EdgeServer[] = [];
const listen: Record<string, string> = {};
for (const options of config.edges) {
  const upstream = parseAddress(options.upstream);
  if (upstream === undefined) throw new Error(`no address: ${options.upstream}`);
  const edge = { options, upstream, rules: ruleBook(), recorder };
  const server = await serveEdge(edge).catch((error: NodeJS.ErrnoException) => {
    console.error(`edge "${options.name}": cannot listen on ${options.listen}: ${error.code ?? error.message}`);
    process.exit(1);
  });
  edges.set(options.name, edge);
  servers.push(server);
  listen[options.name] = server.listen;
}
const control = await startControlServer({ edges, recorder, token });
console.log(JSON.stringify({ pid: process.pid, control: control.url, listen } satisfies TapReady));

await stopped;
for (const server of servers) server.close();
const deadlineMs = performance.now() + DRAIN_MS;
const inFlight = (): boolean => [...edges.keys()].some((name) => recorder.inFlight(name) > 0);
while (inFlight() && performance.now() < deadlineMs) await delay(DRAIN_STEP_MS);
await recorder.close();
process.exit(0);
