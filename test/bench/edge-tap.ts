/**
 * What the edge tap costs: requests a second that one core of it can pass on, and what it adds to the 99th percentile, over
 * HTTP/1.1 and gRPC. With and without the tap take turns in one run (ABBA), so that the machine's moods hit both. Pairs of
 * blocks in which other processes took more than a tenth of the machine do not count, and are measured again.
 *
 * Goals: at least 2,000 requests/s per core, at most 2 ms added.
 *
 *   npx node test/bench/edge-tap.ts [pairs of blocks] [seconds a block] [http|grpc]
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, createServer as createHttpServer, request } from 'node:http';
import { createServer as createHttp2Server } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Client, credentials } from '@grpc/grpc-js';
import { readAttempts } from '../../chaos/tap/read-attempts.ts';
import { type Tap, startTap } from '../../chaos/tap/tap.ts';
import { startWarden } from '../../chaos/warden.ts';
import { readProcStat } from '../../lib/proc-stat.ts';
import { benchFolder, machine, median } from './support.ts';

type Protocol = 'http' | 'grpc';
type Send = () => Promise<void>;

const PROTOCOLS: readonly Protocol[] = ['http', 'grpc'];
const RATES = [500, 1_000];
const IN_FLIGHT = 32;
const BODY = Buffer.from(JSON.stringify({ customerId: 'customer-17', lines: [{ sku: 'sku-1', quantity: 3 }] }));
/** Of the machine, taken by others. */
const MOST_DISTURBED = 0.1;
/** Of the clock in which the kernel counts CPU time. */
const TICKS_PER_SECOND = 100;

if (process.argv[2] === 'target') await serveTargets();
else await bench();

async function bench(): Promise<void> {
  const [blocks = 6, seconds = 5] = process.argv.slice(2, 4).map(Number);
  const only = process.argv[4];
  using folder = benchFolder();
  await using warden = await startWarden();
  const target = fork(fileURLToPath(import.meta.url), ['target']);
  try {
    const [targets] = (await once(target, 'message')) as [Record<Protocol, string>];
    const attemptsFile = join(folder.path, 'attempts.ndjson');
    await using tap = await startTap({
      edges: PROTOCOLS.map((name) => ({ name, protocol: name, listen: '127.0.0.1:0', upstream: targets[name] })),
      attemptsFile,
      logFile: join(folder.path, 'tap.log'),
      guard: warden,
      signal: new AbortController().signal,
    });
    console.log(`${blocks} blocks of ${seconds} s of each kind, ${machine()}\n`);
    console.log(
      '| protocol | load | requests/s per core of the tap | p50 direct | p50 tapped | p99 direct | p99 tapped | added p99 (median of pairs) | pairs |',
    );
    console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
    const pids = [process.pid, target.pid as number, tap.pid];
    for (const protocol of PROTOCOLS.filter((name) => only === undefined || name === only)) {
      const tapped = tap.listen.get(protocol) ?? '';
      await benchProtocol(protocol, { direct: targets[protocol], tapped }, tap, pids, blocks, seconds);
    }
    await tap.flush();
    const recorded = await readAttempts(attemptsFile);
    const answered = recorded.filter(({ outcome }) => outcome === 'answered').length;
    console.log(
      `\n${recorded.length} requests recorded, ${answered} of them answered; the tap's memory: ${rssMb(tap.pid)} MB`,
    );
  } finally {
    target.kill();
  }
}

async function benchProtocol(
  protocol: Protocol,
  addresses: { readonly direct: string; readonly tapped: string },
  tap: Tap,
  pids: readonly number[],
  blocks: number,
  seconds: number,
): Promise<void> {
  using direct = sender(protocol, addresses.direct);
  using tapped = sender(protocol, addresses.tapped);
  // Everyone's code is warm before anything counts.
  for (const { send } of [direct, tapped]) await asFastAsPossible(send, 2);
  const perCore: number[] = [];
  for (let block = 0; block < 3; block += 1) {
    const before = cpuSeconds(tap);
    const count = await asFastAsPossible(tapped.send, seconds);
    perCore.push(count / (cpuSeconds(tap) - before));
  }
  console.log(`| ${protocol} | ${IN_FLIGHT} at a time | ${median(perCore).toFixed(0)} | | | | | | |`);
  for (const rate of RATES) {
    const latencies = { direct: [] as number[], tapped: [] as number[] };
    const added: number[] = [];
    let requests = 0;
    let cpu = 0;
    let disturbed = 0;
    while (added.length < blocks && disturbed < blocks * 5) {
      const order = added.length % 2 === 0 ? (['direct', 'tapped'] as const) : (['tapped', 'direct'] as const);
      const measured = { direct: [] as number[], tapped: [] as number[] };
      let used = 0;
      const others = othersWatch(pids);
      for (const kind of order) {
        const before = cpuSeconds(tap);
        measured[kind] = await atRate(kind === 'direct' ? direct.send : tapped.send, rate, seconds);
        if (kind === 'tapped') used = cpuSeconds(tap) - before;
      }
      if (others() > MOST_DISTURBED) {
        disturbed += 1;
        continue;
      }
      requests += measured.tapped.length;
      cpu += used;
      latencies.direct.push(...measured.direct);
      latencies.tapped.push(...measured.tapped);
      added.push(quantile(measured.tapped, 0.99) - quantile(measured.direct, 0.99));
    }
    const cells = [0.5, 0.99].flatMap((q) => [quantile(latencies.direct, q), quantile(latencies.tapped, q)]);
    const figures = [...cells, median(added)].map((value) => `${value.toFixed(2)} ms`);
    const pairs = `${added.length} (${disturbed} disturbed)`;
    console.log(`| ${protocol} | ${rate}/s | ${(requests / cpu).toFixed(0)} | ${figures.join(' | ')} | ${pairs} |`);
  }
}

/** Requests done with always so many in flight. */
async function asFastAsPossible(send: Send, seconds: number): Promise<number> {
  const endMs = performance.now() + seconds * 1_000;
  let count = 0;
  const worker = async (): Promise<void> => {
    for (; performance.now() < endMs; count += 1) await send();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  return count;
}

/** Latencies in milliseconds of requests that are sent when they are due, whatever becomes of the ones before. */
async function atRate(send: Send, perSecond: number, seconds: number): Promise<number[]> {
  const latencies: number[] = [];
  const running: Promise<void>[] = [];
  const one = async (): Promise<void> => {
    const startMs = performance.now();
    await send();
    latencies.push(performance.now() - startMs);
  };
  const startMs = performance.now();
  for (let sent = 0; sent < perSecond * seconds;) {
    const due = ((performance.now() - startMs) / 1_000) * perSecond;
    for (; sent < Math.min(due, perSecond * seconds); sent += 1) running.push(one());
    await delay(1);
  }
  await Promise.all(running);
  return latencies;
}

function sender(protocol: Protocol, address: string): Disposable & { readonly send: Send } {
  return protocol === 'http' ? httpSender(address) : grpcSender(address);
}

function httpSender(address: string): Disposable & { readonly send: Send } {
  const [host = '', port] = address.split(':');
  const agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  const headers = { 'content-type': 'application/json', traceparent: `00-${'4b'.repeat(16)}-${'a7'.repeat(8)}-01` };
  return {
    send: () =>
      new Promise((resolve, reject) => {
        const sent = request({ agent, host, port, method: 'POST', path: '/v1/quotes', headers }, (response) => {
          response.on('end', resolve).resume();
        });
        sent.on('error', reject).end(BODY);
      }),
    [Symbol.dispose]: () => agent.destroy(),
  };
}

function grpcSender(address: string): Disposable & { readonly send: Send } {
  const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
  const bytes = (value: Buffer): Buffer => value;
  return {
    send: () =>
      new Promise((resolve, reject) => {
        const options = { deadline: Date.now() + 5_000 };
        client.makeUnaryRequest('/cutover.v1.Pricing/Quote', bytes, bytes, BODY, options, (error) =>
          error === null ? resolve() : reject(error),
        );
      }),
    [Symbol.dispose]: () => client.close(),
  };
}

/** Both answer at once; they end with who started them. */
async function serveTargets(): Promise<void> {
  process.once('disconnect', () => process.exit());
  const http = createHttpServer({ keepAliveTimeout: 600_000 }, (incoming, response) => {
    incoming.on('end', () => response.end(BODY)).resume();
  });
  const grpc = createHttp2Server();
  const message = Buffer.concat([Buffer.from([0, 0, 0, 0, BODY.length]), BODY]);
  grpc.on('stream', (stream) => {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    stream.on('end', () => stream.end(message)).resume();
  });
  const addresses = { http: await addressOf(http), grpc: await addressOf(grpc) };
  (process as NodeJS.Process & { send: ChildProcess['send'] }).send(addresses);
}

async function addressOf(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts to watch the machine; then says which share of it other processes have taken since. */
function othersWatch(own: readonly number[]): () => number {
  const ownSeconds = (): number => own.reduce((sum, pid) => sum + cpuSeconds({ pid }), 0);
  const before = { own: ownSeconds(), busy: busySeconds(), ms: performance.now() };
  return () => {
    const seconds = (performance.now() - before.ms) / 1_000;
    return (busySeconds() - before.busy - (ownSeconds() - before.own)) / (seconds * cpus().length);
  };
}

/** Of all CPUs, by all processes: user, nice, system, interrupts and what a hypervisor took (proc_stat(5)). */
function busySeconds(): number {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8').split(/\s+/).map(Number);
  return (
    [user, nice, system, irq, softirq, steal].reduce<number>((sum, ticks = 0) => sum + ticks, 0) / TICKS_PER_SECOND
  );
}

/** User and system time of a process so far. */
function cpuSeconds({ pid }: { readonly pid: number }): number {
  const stat = readProcStat(pid);
  if (stat === undefined) throw new Error(`process ${pid} is gone`);
  return (Number(stat(14)) + Number(stat(15))) / TICKS_PER_SECOND;
}

function rssMb(pid: number): string {
  return ((Number(readProcStat(pid)?.(24)) * 4_096) / 1e6).toFixed(0);
}

function quantile(values: readonly number[], q: number): number {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN;
}
