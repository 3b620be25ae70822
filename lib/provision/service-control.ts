import { type Cgroup, type CgroupGuard, makeCgroup } from '../../chaos/drivers/cgroup.ts';
import type { ChildExit, GroupGuard } from '../../chaos/drivers/child-process.ts';
import { cpuLimitOf } from '../../chaos/drivers/cpu-limit.ts';
import { diskQuotaOf, quotaWrapper } from '../../chaos/drivers/disk-quota.ts';
import { memoryLimitOf } from '../../chaos/drivers/memory-limit.ts';
import { pauseOf } from '../../chaos/drivers/pause.ts';
import { treeOf } from '../../chaos/drivers/paused-tree.ts';
import { signalGroup } from '../../chaos/drivers/process-group.ts';
import { type ProcessIdentity, identify, listGroup } from '../../chaos/drivers/process-table.ts';
import type { ServiceControl } from '../../chaos/service-control.ts';
import { type ProcessServiceOptions, type StartingService, describeExit, startService } from './process-service.ts';
import type { ServiceNeeds } from './service-needs.ts';

export interface ControlOptions extends Omit<ProcessServiceOptions, 'wrapper' | 'prepare'> {
  readonly guard: GroupGuard & CgroupGuard;
  readonly dataFolder: string;
  readonly needs: ServiceNeeds;
  /** Told of each process of the service once it is there. */
  readonly onStarted: (pid: number) => void;
  /** Told when one has ended that nobody had told to; `message` says how and why. */
  readonly onUnexpectedExit: (exit: ChildExit, message: string) => void;
}

/** A service, and its processes one after the other. Disposing of it stops the one that runs. */
export interface ControlledService extends AsyncDisposable {
  readonly control: ServiceControl;
  /** The process that it was started with. */
  readonly first: StartingService;
  /** Settles when the first process has ended and `onUnexpectedExit` was told, if it had to be. */
  readonly firstExit: Promise<{ readonly message: string; readonly expected: boolean }>;
}

/** Starts a service that faults can act on. Errors as startService, and EnvironmentError('no-cgroups'). */
export async function startControlled(options: ControlOptions): Promise<ControlledService> {
  const { name, context, guard, needs, dataFolder } = options;
  await using stack = new AsyncDisposableStack();
  let cgroup: Cgroup | undefined;
  if (needs.controllers.length > 0) {
    cgroup = await makeCgroup(name, needs.controllers, guard);
    stack.adopt(cgroup, (made) => made.remove());
  }

  let running: (StartingService & { readonly leader: ProcessIdentity }) | undefined;
  const leader = () => (running?.alive() === true ? running.leader : undefined);
  const pid = () => leader()?.pid;
  const processes = () => {
    const group = leader();
    return group === undefined ? [] : treeOf(group);
  };
  const cpu = cpuLimitOf({ service: { name, processes }, home: () => cgroup, guard });
  stack.defer(() => cpu.discard());
  const memory = memoryLimitOf(name, () => cgroup);

  async function launch(): Promise<StartingService> {
    const { onStarted, onUnexpectedExit: _, ...service } = options;
    const started = await startService({
      ...service,
      wrapper: needs.dataBytes === undefined ? [] : quotaWrapper(dataFolder, needs.dataBytes),
      prepare: async (child) => await cgroup?.join(child),
    });
    running = { ...started, leader: identify(started.pid) };
    onStarted(started.pid);
    return started;
  }

  async function watch(started: StartingService): Promise<{ message: string; expected: boolean }> {
    const exit = await started.exited;
    const expected = started.stopping();
    const why = exit.signal === 'SIGKILL' && !expected ? await memory.killed() : undefined;
    const message = describeExit(name, exit, started.logFile, why);
    if (!expected) options.onUnexpectedExit(exit, message);
    return { message, expected };
  }

  async function restart(): Promise<void> {
    // The run is over: what is not started needs no stopping.
    if (running !== undefined || context.signal.aborted) return;
    const started = await launch();
    void watch(started);
    try {
      await started.ready();
    } catch (error) {
      if (!context.signal.aborted) throw error;
    }
  }

  // One after the other: whoever stops the system waits for a start that is under way.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  stack.defer(() => inTurn(async () => void (await running?.stop())));

  const first = await launch();
  const signal = (which: NodeJS.Signals) => {
    const group = leader();
    if (group === undefined) return;
    const members = new Set(listGroup(group.pid) ?? processes());
    const others = processes().filter((other) => !members.has(other));
    signalGroup(group, which);
    for (const other of others) signalProcess(other, which);
  };
  const control: ServiceControl = {
    name,
    pid,
    processes,
    signal,
    end: (which) =>
      inTurn(async () => {
        if (leader() === undefined) return;
        await running?.end(which, `told to (${which})`);
        running = undefined;
      }),
    start: () => inTurn(restart),
    dataFolder,
    pause: pauseOf(name, leader),
    cpu,
    memory,
    disk: diskQuotaOf({ name, pid, dataFolder }, needs.dataBytes !== undefined),
  };
  const everything = stack.move();
  return { control, first, firstExit: watch(first), [Symbol.asyncDispose]: () => everything.disposeAsync() };
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
