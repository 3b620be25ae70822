/**
 * How fast the history checker is, and what it keeps: time and memory for 10⁴, 10⁵ and 10⁶ writes, each with two lines of the
 * record (attempted, acknowledged), a row in the final state, and an order to check; one in ten thousand is lost or there
 * twice. With keys that the rows show, with ids that are SHA-256 of the keys, and from the run folder's files.
 *
 * Goals (HRN-8): 10⁶ writes in at most 3 s, linear; nothing missed.
 *
 *   npx node test/bench/history.ts [most writes] [repetitions]
 */
import { fork } from 'node:child_process';
import { hash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withHistory } from '../../lib/check-run-history.ts';
import { HistoryChecker } from '../../lib/judge/history/check-history.ts';
import type { FinalRow, HistoryFindings } from '../../lib/observe/history/observation.ts';
import { type HistoryPlan, historySchema } from '../../lib/plan/schema/history.ts';
import { RUN_FILES, finalStateFile } from '../../lib/run-folder.ts';
import { type WriteLine, encodeWriteLine } from '../../scenarios/support/write-line.ts';
import { healthy, planOf } from '../judge/builders.ts';
import { benchFolder, machine, median } from './support.ts';

const RUN_ID = '2026-01-01T00-00-00Z-abcdef';
const USERS = 200;
const ACCOUNTS = 1_000;
const START_MS = 1_800_000_000_000;
/** One write in so many is lost, and one there twice. */
const BROKEN = 10_000;

interface Measurement {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly bytes: number;
}

const MODES = ['in memory', 'from files'] as const;
const IDENTITIES = {
  'the keys': 'key',
  'SHA-256 of the keys': { hash: 'sha256', prefix: 'entry:', bytes: 16 },
} as const;
type Mode = (typeof MODES)[number];
type Ids = keyof typeof IDENTITIES;

if (process.argv[2] === 'measure') await measureHere();
else await bench();

async function bench(): Promise<void> {
  const [most = 1_000_000, repetitions = 3] = process.argv.slice(2).map(Number);
  console.log(`${repetitions} repetitions of each, medians, ${machine()}\n`);
  console.log('| writes | ids of the rows | lines and rows | time | CPU | CPU a write | memory a write |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const ids of Object.keys(IDENTITIES)) {
    for (const mode of MODES) {
      for (const writes of [most / 100, most / 10, most]) {
        const runs: Measurement[] = [];
        for (let run = 0; run < repetitions; run += 1) runs.push(await measureApart(writes, ids, mode));
        const of = (pick: (run: Measurement) => number) => median(runs.map(pick));
        const cpuMs = of((run) => run.cpuMs);
        const cells = [
          writes.toLocaleString('en'),
          ids,
          mode,
          `${of((run) => run.wallMs).toFixed(0)} ms`,
          `${cpuMs.toFixed(0)} ms`,
          `${((cpuMs * 1_000) / writes).toFixed(2)} µs`,
          `${(of((run) => run.bytes) / writes).toFixed(0)} B`,
        ];
        console.log(`| ${cells.join(' | ')} |`);
      }
    }
  }
}

/** In a process of its own, as a run does it: nothing is warm, and no garbage is there from before. */
async function measureApart(writes: number, ids: string, mode: Mode): Promise<Measurement> {
  const child = fork(fileURLToPath(import.meta.url), ['measure', String(writes), ids, mode], {
    execArgv: ['--expose-gc'],
  });
  const [measured] = (await once(child, 'message')) as [Measurement];
  child.disconnect();
  return measured;
}

async function measureHere(): Promise<void> {
  const [writes, ids, mode] = process.argv.slice(3) as [string, Ids, Mode];
  const history = historySchema.parse({
    writes: { 'ledger-entry': { identity: IDENTITIES[ids] } },
    finals: {
      store: {
        read: { command: ['x'] },
        fields: { id: '/id', account: '/account', value: '/value', order: '/order' },
        initial: 'empty',
      },
    },
  });
  process.send?.(await (mode === 'in memory' ? inMemory : fromFiles)(Number(writes), history));
}

/** Every injected loss and duplicate is found, and nothing else. */
function verify({ finals: [final] }: HistoryFindings, writes: number): void {
  const expected = Math.ceil(writes / BROKEN);
  for (const check of ['lost', 'duplicated', 'unexpected', 'corrupt', 'reordered'] as const) {
    const wanted = check === 'lost' || check === 'duplicated' ? expected : 0;
    const found = final?.violations[check]?.count;
    if (found !== wanted) throw new Error(`${writes} writes: ${check} is ${found} instead of ${wanted}`);
  }
}

/** The checker alone, with texts that are there already. */
function inMemory(writes: number, history: HistoryPlan): Measurement {
  const texts = textsOf(writes, history);
  globalThis.gc?.();
  const before = memory();
  const [startMs, usage] = [performance.now(), process.cpuUsage()];
  const checker = new HistoryChecker({ history, sha256, startEpochMs: START_MS, runId: RUN_ID });
  for (const line of record(texts)) checker.line(line);
  const final = checker.final('store');
  for (const each of rows(texts)) final.row(each);
  const findings = checker.finish();
  const { user, system } = process.cpuUsage(usage);
  const wallMs = performance.now() - startMs;
  globalThis.gc?.();
  const bytes = memory() - before;
  // Kept until here, so that what it holds is what was measured.
  checker.final('store');
  verify(findings, writes);
  return { wallMs, cpuMs: (user + system) / 1_000, bytes };
}

async function fromFiles(writes: number, history: HistoryPlan): Promise<Measurement> {
  using files = benchFolder();
  const folder = files.path;
  await writeFiles(folder, writes, history);
  globalThis.gc?.();
  const before = memory();
  let highest = before;
  const timer = setInterval(() => (highest = Math.max(highest, memory())), 20);
  const plan = { ...planOf({}), history };
  const final = { name: 'store', startMs: 0, endMs: 0, rows: 0 };
  const observations = { ...healthy(plan), startEpochMs: START_MS, history: { settled: [], finals: [final] } };
  const [startMs, usage] = [performance.now(), process.cpuUsage()];
  const { history: seen } = await withHistory({ folder, runId: RUN_ID, plan, observations });
  const { user, system } = process.cpuUsage(usage);
  clearInterval(timer);
  if (seen?.findings === undefined) throw new Error(seen?.problem ?? 'nothing was found');
  const wallMs = performance.now() - startMs;
  verify(seen.findings, writes);
  return { wallMs, cpuMs: (user + system) / 1_000, bytes: highest - before };
}

function memory(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function sha256(text: string): string {
  return hash('sha256', text, 'hex');
}

interface Texts {
  readonly keys: readonly string[];
  readonly ids: readonly string[];
}

function textsOf(writes: number, { writes: kinds }: HistoryPlan): Texts {
  const isHashed = kinds['ledger-entry']?.identity !== 'key';
  const keys = Array.from({ length: writes }, (_, index) =>
    flat(`entry-${RUN_ID}-${index % USERS}-${Math.floor(index / USERS)}`),
  );
  return { keys, ids: isHashed ? keys.map((key) => flat(sha256(`entry:${key}`).slice(0, 32))) : keys };
}

/** A text that is put together of others is written out when it is first looked at, and that is not the checker's work. */
function flat(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** As a scenario makes it: users side by side, one write after the other. */
function* record({ keys }: Texts): Generator<WriteLine> {
  for (let index = 0; index < keys.length + USERS; index += 1) {
    const [answered, key] = [keys[index - USERS], keys[index]];
    const atMs = START_MS + index;
    if (answered !== undefined) {
      yield { event: 'acknowledged', kind: 'ledger-entry', key: answered, atMs, id: '', value: '' };
    }
    if (key !== undefined) {
      yield {
        event: 'attempted',
        kind: 'ledger-entry',
        key,
        atMs,
        account: `customer-${index % ACCOUNTS}`,
        value: String(index % 100_000),
        vu: index % USERS,
        operation: 'ledger-append over grpc',
      };
    }
  }
}

function* rows({ ids }: Texts): Generator<FinalRow> {
  for (const [index, id] of ids.entries()) {
    if (index % BROKEN === 1) continue;
    const made = { id, account: `customer-${index % ACCOUNTS}`, value: String(index % 100_000), order: index };
    yield made;
    if (index % BROKEN === 0) yield made;
  }
}

async function writeFiles(folder: string, writes: number, history: HistoryPlan): Promise<void> {
  const texts = textsOf(writes, history);
  await writeLines(join(folder, RUN_FILES.writes), record(texts), (line) => {
    const time = new Date(line.atMs).toISOString();
    return `{"level":"info","msg":"${encodeWriteLine(line)}","time":"${time}"}`;
  });
  await writeLines(join(folder, finalStateFile('store')), rows(texts), (each) => JSON.stringify(each));
}

async function writeLines<Line>(path: string, lines: Iterable<Line>, textOf: (line: Line) => string): Promise<void> {
  const file = createWriteStream(path);
  let batch = '';
  for (const line of lines) {
    batch += `${textOf(line)}\n`;
    if (batch.length < 1e6) continue;
    if (!file.write(batch)) await once(file, 'drain');
    batch = '';
  }
  file.end(batch);
  await once(file, 'close');
}
