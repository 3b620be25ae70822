import { globSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { canSignal, identify, isReused } from '../../chaos/drivers/process-table.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import type { TapControl } from '../../chaos/lease.ts';
import { EnvironmentError } from '../errors.ts';
import { RUN_FILES } from '../run-folder.ts';

const processSchema = z.strictObject({ pid: z.number().int().min(2), startTime: z.string().optional() });
const addressSchema = z.string().regex(/^\S+:\d{1,5}$/, 'must be "host:port"');
const urlSchema = z.url({ protocol: /^http$/ });

/** `system.json`: how another process reaches a system that a harness has brought up. */
const liveSystemSchema = z.strictObject({
  version: z.literal(1),
  /** The process that brought it up; the system ends with it. */
  harness: processSchema,
  services: z.array(z.strictObject({ name: z.string().min(1), process: processSchema.optional() })),
  edges: z.array(
    z.strictObject({
      name: z.string().min(1),
      protocol: z.enum(['http', 'grpc', 'tcp']),
      /** Where callers connect to: the proxy, or the tap before it. */
      listen: addressSchema,
      upstream: addressSchema,
      proxy: z.strictObject({
        api: urlSchema,
        name: z.string().min(1),
        listen: addressSchema,
        upstream: addressSchema,
      }),
      /** Whether single requests can be acted on. */
      tapped: z.boolean(),
    }),
  ),
  tap: z.strictObject({ url: urlSchema, token: z.string().min(1) }).optional(),
});

export type LiveSystem = z.output<typeof liveSystemSchema>;

/** What there is to say of a system that runs. */
export interface Announced {
  readonly services: readonly { readonly name: string; readonly pid: number | undefined }[];
  readonly edges: ReadonlyMap<string, ProxiedEdge>;
  readonly tap: { readonly control: TapControl; readonly listen: ReadonlyMap<string, string> } | undefined;
  /** Tells of every process with which a service goes on. */
  readonly onServiceStarted: (listener: (service: string, pid: number) => void) => void;
}

/** Writes the run folder's `system.json`, for the user's eyes only, and keeps it up to date; disposing removes it again. */
export function announceSystem(folder: string, announced: Announced): Disposable & { readonly path: string } {
  const path = join(folder, RUN_FILES.system);
  const pids = new Map(announced.services.map(({ name, pid }) => [name, pid]));
  let ended = false;
  const write = (): void => {
    // Renamed into place: whoever reads it reads all of it. The tap's token is in it.
    const draft = `${path}.new`;
    writeFileSync(draft, `${JSON.stringify(describeSystem(announced, pids), null, 2)}\n`, { mode: 0o600, flush: true });
    renameSync(draft, path);
  };
  write();
  announced.onServiceStarted((service, pid) => {
    pids.set(service, pid);
    if (!ended) write();
  });
  return {
    path,
    [Symbol.dispose]() {
      ended = true;
      rmSync(path, { force: true });
    },
  };
}

function describeSystem({ edges, tap }: Announced, pids: ReadonlyMap<string, number | undefined>): LiveSystem {
  return {
    version: 1,
    harness: identify(process.pid),
    services: [...pids].map(([name, pid]) => ({ name, ...(pid === undefined ? {} : { process: identify(pid) }) })),
    edges: [...edges.values()].map(({ name, protocol, listen, upstream, proxy }) => ({
      name,
      protocol,
      listen,
      upstream,
      proxy: { api: proxy.api, name: proxy.name, listen: proxy.listen, upstream: proxy.upstream },
      tapped: tap?.listen.has(name) === true,
    })),
    ...(tap === undefined ? {} : { tap: tap.control }),
  };
}

/** The one that was brought up last of those in an output folder whose harness lives. */
export function findLiveSystem(output: string): { readonly folder: string; readonly system: LiveSystem } | undefined {
  // A run's folder, or one of several runs' in it.
  const found = globSync([`*/*/${RUN_FILES.system}`, `*/*/*/*/${RUN_FILES.system}`], { cwd: output })
    // By way of `latest` they are all there twice.
    .filter((path) => !path.split('/').includes('latest'))
    .map((path) => join(output, path))
    .flatMap((path) => {
      const stat = lstatSync(path, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ path, mtimeMs: stat.mtimeMs }];
    })
    .toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  for (const { path } of found) {
    const folder = dirname(path);
    try {
      const system = readLiveSystem(folder);
      if (system !== undefined) return { folder, system };
    } catch (error) {
      // What is no system of this version's is none to look for; who names its folder is told.
      if (!(error instanceof EnvironmentError)) throw error;
    }
  }
  return undefined;
}

/**
 * The system of a run folder; undefined when there is none (any more), or its harness has ended.
 * EnvironmentError('bad-live-system'): the file is not what a harness of this version writes.
 */
export function readLiveSystem(folder: string): LiveSystem | undefined {
  const path = join(folder, RUN_FILES.system);
  let text: string;
  try {
    // It says which processes to stop and which addresses to call: nobody else may have written it.
    const { uid } = lstatSync(path);
    if (uid !== process.getuid?.()) throw new EnvironmentError('bad-live-system', `${path} belongs to another user`);
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const result = liveSystemSchema.safeParse(parse(text));
  if (!result.success) {
    throw new EnvironmentError('bad-live-system', `${path} is not understood: ${z.prettifyError(result.error)}`, {
      hint: 'was it written by another version of cutover?',
    });
  }
  return lives(result.data.harness) ? result.data : undefined;
}

/** Whether the process is there, and still the one that it was. */
export function lives({ pid, startTime }: LiveSystem['harness']): boolean {
  return canSignal(pid) && !isReused({ pid, startTime });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
