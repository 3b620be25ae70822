import { randomBytes } from 'node:crypto';
import type { Targets } from '../../../chaos/faults/bind-fault.ts';
import { type Fault, targetOf } from '../../../chaos/faults/fault.ts';
import { describeFault, probeOf } from '../../../chaos/faults/kinds.ts';
import { probeEdge } from '../../../chaos/probe.ts';
import { type WalkedFault, walkSchedule } from '../../../chaos/walk-schedule.ts';
import { type Warden, startWarden } from '../../../chaos/warden.ts';
import type { RunContext } from '../../context.ts';
import { AbortedError, CleanupError, EXIT, EnvironmentError, type ExitCode } from '../../errors.ts';
import { edgeDisturbed, signsDisturbed } from '../../judge/edge-disturbed.ts';
import { attributesOf } from '../../plan/fault-attributes.ts';
import { PlanError, type Problem } from '../../plan/problem.ts';
import type { FaultInput } from '../../plan/schema/faults.ts';
import { edgeSchema } from '../../plan/schema/system.ts';
import { formatDuration } from '../../units.ts';
import { countdown } from '../countdown.ts';
import { attributeProblem, faultInput } from '../fault-input.ts';
import type { FaultTarget, TargetOptions } from '../fault-target.ts';
import { foreignProxy } from '../foreign-proxy.ts';
import { liveTarget } from '../live-target.ts';
import { abortOnSignals } from '../signals.ts';

export type FaultCommandOptions = TargetOptions & Readonly<Record<string, unknown>>;

/** The edge is looked at this long before the fault: see the probes of `schedule`. */
const LOOK_MS = 1_600;
const PROBE_MS = 1_000;
/** Which requests are hit by a share is the same each time. */
const SEED = 1;

/**
 * One fault by hand: on a live system's edge or service, or on a proxy of the user's own Toxiproxy, for a time. It ends at
 * its time, at ctrl-C, and when this process is killed or hangs: the warden holds a lease for it.
 *
 * Exit 0: it was felt. 3: it had no effect that could be measured. 130: ended before its time. Errors: UsageError, PlanError
 * (2), EnvironmentError (4): nothing runs, or it ended meanwhile; CleanupError (5): it may still be in force.
 */
export async function faultCommand(kind: string, options: FaultCommandOptions): Promise<ExitCode> {
  const input = faultInput(kind, options.toxiproxy === undefined ? options.on : 'proxy', options);
  const target = await (options.toxiproxy === undefined
    ? liveTarget(kind, options)
    : foreignProxy(kind, options.toxiproxy, options));
  const fault = faultOf(input, target, options);
  await target.check();

  const { stdout, stderr } = process;
  const say = (message: string) => stdout.write(`${message}\n`);
  using abort = abortOnSignals((message) => stderr.write(`${message}\n`), 'removing the fault');
  await using warden = await startWarden();
  say(`${describe(fault, target)} (${target.where}) for ${formatDuration(fault.endMs - fault.startMs)}`);
  const walked = await walk(fault, target, warden, abort.signal);
  if (abort.signal.aborted) {
    const left = walked.injectedMs === undefined ? 'nothing was injected' : 'the fault is removed, verified';
    throw new AbortedError(`ended before its time: ${left}`);
  }
  const { felt, detail } = effect(fault, walked);
  say(`${felt ? 'felt' : 'NOT felt'}: ${detail}`);
  return felt ? EXIT.pass : EXIT.inconclusive;
}

/** Walks the schedule of this one fault, on a clock that starts now, with a lease while it is in force. */
async function walk(fault: Fault, target: FaultTarget, warden: Warden, signal: AbortSignal): Promise<WalkedFault> {
  const targets = target.targets(targetOf(fault), `cutover-${fault.name}`);
  const startedMs = performance.now();
  using shown = countdown(process.stdout, describe(fault, target), fault.endMs);
  // It knows its one fault by what it is, not by its name.
  const progress = (message: string) => shown.note(message.replace(`fault ${fault.name}: `, ''));
  const journal = { record: () => {}, [Symbol.dispose]: () => {} };
  const context: RunContext = { journal, signal, folder: process.cwd(), cacheDir: '', progress };
  try {
    const [walked] = await walkSchedule({
      plan: { faults: [fault] },
      ...lookedAt(targets, target.seenAt),
      context,
      nowMs: () => performance.now() - startedMs,
      leases: warden,
      beforeFirstFault: () => Promise.resolve('go'),
      signal,
    });
    if (walked === undefined) throw new Error('a fault that was walked was not observed');
    await requireServer(targets);
    return walked;
  } catch (error) {
    // It could not be brought in, and was seen to be gone. Otherwise the warden goes on trying, also when this has ended.
    if (error instanceof EnvironmentError) warden.endLease(fault.name);
    else if (error instanceof CleanupError)
      progress(`process ${warden.pid} goes on trying to remove it, for ten minutes`);
    throw error;
  }
}

function faultOf(input: FaultInput, target: FaultTarget, options: FaultCommandOptions): Fault {
  const { protocol } = target;
  const problems: Problem[] = [];
  const problem = attributeProblem(input.kind, options);
  const edge = 'edge' in input ? edgeSchema.parse({ from: 'client', to: target.title, protocol }) : undefined;
  const attributes = attributesOf(input, SEED, edge, (...found) => problems.push(problem(...found)));
  if (problems.length > 0) throw new PlanError(problems);
  const on = 'service' in input ? { service: input.service } : { edge: input.edge };
  // So that no other fault's toxic or rule is taken for this one's.
  const name = `${input.kind}-${randomBytes(4).toString('hex')}`;
  // The kinds differ in their attributes only, which were made for the input's kind.
  const timeless = { name, ...on, ...attributes, startMs: 0, endMs: input.for ?? 0 } as Fault;
  const startMs = probeOf(timeless) === undefined ? 0 : LOOK_MS;
  return { ...timeless, startMs, endMs: startMs + timeless.endMs };
}

/** Proxies as they are reached from here. */
function lookedAt(targets: Targets, listen: string | undefined): Targets {
  if (listen === undefined) return targets;
  const edges = [...targets.edges].map(
    ([name, edge]) => [name, { ...edge, proxy: { ...edge.proxy, listen } }] as const,
  );
  return { ...targets, edges: new Map(edges) };
}

/**
 * With a server its faults are gone, which is no proof of anything that was to be seen. CleanupError when its API is, and the
 * proxy still answers.
 */
async function requireServer({ edges, tap }: Targets): Promise<void> {
  if (tap?.exit() !== undefined)
    throw new EnvironmentError('tap-ended', 'the tap ended meanwhile, and with it the fault');
  for (const { proxy } of edges.values()) {
    if (!proxy.gone()) continue;
    const { error } = await probeEdge({ listen: proxy.listen, protocol: 'tcp' }, PROBE_MS);
    if (error === undefined) {
      throw new CleanupError(`${proxy.api} does not listen any more, and the proxy "${proxy.name}" still does`);
    }
    throw new EnvironmentError('toxiproxy-ended', `${proxy.api} ended meanwhile, and with it the fault`);
  }
}

function effect(fault: Fault, { probes, signs }: WalkedFault): { felt: boolean; detail: string } {
  const probe = probeOf(fault);
  const seen = probe === undefined ? signsDisturbed(signs) : edgeDisturbed(probe.shows(fault), probes);
  return { felt: seen.disturbed, detail: seen.disturbed ? seen.measured : `${seen.measured}: ${seen.missing}` };
}

function describe(fault: Fault, { title }: FaultTarget): string {
  const on = targetOf(fault);
  const text = describeFault(fault);
  return `${text.slice(0, text.length - on.length)}${title}`;
}
