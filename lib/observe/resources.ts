import { cpus } from 'node:os';
import type { ResourceWindow } from './observations.ts';
import { type ProcessReader, type ProcessTree, type Usage, processTree } from './process-tree.ts';
import { procfsReader } from './procfs.ts';
import { psReader } from './ps.ts';
import { type UsageHistory, usageHistory } from './usage-history.ts';

type Role = ResourceWindow['role'];

/** CPU and memory of the processes that take part, and of the machine. */
export interface Resources {
  /** From now on the process and its descendants are read as `source`; a second call gives the source a new process, whose CPU time starts anew. */
  watchProcess(source: string, role: Role, pid: number): void;
  /** Adds what a source told about itself. */
  addUsage(source: string, role: Role, atMs: number, usage: Usage): void;
  /** Reads everything that is watched, once. Never rejects; what cannot be read is a gap. */
  read(): Promise<void>;
  /** Use over [fromMs, toMs) of the sources that were seen before, in and after it. */
  between(fromMs: number, toMs: number): ResourceWindow[];
}

interface Source {
  readonly role: Role;
  readonly history: UsageHistory;
  tree: ProcessTree | undefined;
}

/** Watches this process ("cutover", without its children) and the machine from the start. Times are the clock's. */
export function watchResources(nowMs: () => number, reader: ProcessReader = platformReader()): Resources {
  const sources = new Map<string, Source>();

  function sourceOf(name: string, role: Role): Source {
    const known = sources.get(name);
    if (known !== undefined) return known;
    const source: Source = { role, history: usageHistory(), tree: undefined };
    sources.set(name, source);
    return source;
  }

  function addUsage(name: string, role: Role, atMs: number, usage: Usage): void {
    sourceOf(name, role).history.add(atMs, usage);
  }

  async function readProcesses(): Promise<void> {
    const trees = [...sources.values()].flatMap((source) =>
      source.tree === undefined ? [] : [{ source, tree: source.tree }],
    );
    const pids = new Set(trees.flatMap(({ tree }) => tree.pids()));
    if (pids.size === 0) return;
    const readings = await reader.read(pids);
    const atMs = nowMs();
    for (const { source, tree } of trees) {
      const usage = tree.update(readings);
      if (usage !== undefined && source.tree === tree) source.history.add(atMs, usage);
    }
  }

  return {
    watchProcess(name, role, pid) {
      const source = sourceOf(name, role);
      source.history.startAnew();
      source.tree = processTree(pid);
    },
    addUsage,
    async read() {
      addUsage('cutover', 'harness', nowMs(), ownUsage());
      addUsage('machine', 'machine', nowMs(), { cpuSeconds: machineCpuSeconds(), rssBytes: 0 });
      // A machine that lists no processes leaves them out of the report; the run goes on.
      await readProcesses().catch(() => undefined);
    },
    between: (fromMs, toMs) =>
      [...sources].flatMap(([source, { role, history }]) => {
        const usage = history.between(fromMs, toMs);
        return usage === undefined ? [] : [{ source, role, ...usage }];
      }),
  };
}

function platformReader(): ProcessReader {
  return process.platform === 'linux' ? procfsReader() : psReader();
}

function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / 1e6, rssBytes: process.memoryUsage.rss() };
}

function machineCpuSeconds(): number {
  return cpus().reduce((total, { times: { user, nice, sys, irq } }) => total + (user + nice + sys + irq) / 1_000, 0);
}
