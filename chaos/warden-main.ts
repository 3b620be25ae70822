/**
 * The warden: outlives the harness by a few seconds to end what it left behind. It reads from its standard input, one
 * line a message, which process groups it guards and which faults' leases it holds; when the input closes, because the
 * harness ended in whatever way, it ends the groups that are still guarded, undoes the faults that are still in force, and
 * then ends itself. A fault whose time is over is undone even while the harness is there, since then it hangs.
 */
import { createInterface } from 'node:readline';
import { endCgroup } from './drivers/cgroup-directory.ts';
import { stopGroup } from './drivers/process-group.ts';
import type { ProcessIdentity } from './drivers/process-table.ts';
import { holdLeases } from './held-leases.ts';
import type { WardenMessage } from './warden.ts';

const GRACE_MS = 2_000;
const KILL_MS = 2_000;

// Whoever ends the harness's group or session must not end its warden with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});

const guarded = new Map<number, ProcessIdentity>();
const cgroups = new Set<string>();
const leases = holdLeases();
const input = createInterface({ input: process.stdin });
process.stdin.on('error', () => input.close());
process.stdout.write('ready\n');

for await (const line of input) {
  const message = parse(line);
  if (message === undefined) continue;
  if ('guard' in message) guarded.set(message.guard.pid, message.guard);
  else if ('release' in message) guarded.delete(message.release);
  else if ('cgroup' in message) cgroups.add(message.cgroup);
  else if ('releaseCgroup' in message) cgroups.delete(message.releaseCgroup);
  else if ('lease' in message) leases.hold(message.lease);
  else if ('endLease' in message) leases.end(message.endLease);
  else message satisfies never;
}
await Promise.all([leases.undoAll(), endGroups()]);
process.exit(0);

async function endGroups(): Promise<void> {
  await Promise.all([...guarded.values()].map((leader) => stopGroup(leader, GRACE_MS, KILL_MS)));
  // Only now, since no process may be in them; one that cannot be removed keeps no other from being so.
  await Promise.allSettled([...cgroups].map(endCgroup));
}

/** A last line may have been cut by the harness's end. */
function parse(line: string): WardenMessage | undefined {
  try {
    return JSON.parse(line) as WardenMessage;
  } catch {
    return undefined;
  }
}
