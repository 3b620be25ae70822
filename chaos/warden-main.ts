/**
 * The warden: outlives the harness by a few seconds to end what it left behind. It reads from its standard input, one
 * line a message, which process groups it guards; when the input closes, because the harness ended in whatever way, it
 * ends those that are still guarded, and then itself.
 */
import { createInterface } from 'node:readline';
import { stopGroup } from './drivers/process-group.ts';
import type { ProcessIdentity } from './drivers/process-table.ts';
import type { WardenMessage } from './warden.ts';

const GRACE_MS = 2_000;
const KILL_MS = 2_000;

// Whoever ends the harness's group or session must not end its warden with it.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => {});

const guarded = new Map<number, ProcessIdentity>();
const input = createInterface({ input: process.stdin });
process.stdin.on('error', () => input.close());
process.stdout.write('ready\n');

for await (const line of input) {
  const message = parse(line);
  if (message === undefined) continue;
  if ('guard' in message) guarded.set(message.guard.pid, message.guard);
  else guarded.delete(message.release);
}
await Promise.all([...guarded.values()].map((leader) => stopGroup(leader, GRACE_MS, KILL_MS)));
process.exit(0);

/** A last line may have been cut by the harness's end. */
function parse(line: string): WardenMessage | undefined {
  try {
    return JSON.parse(line) as WardenMessage;
  } catch {
    return undefined;
  }
}
