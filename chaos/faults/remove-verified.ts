import { CleanupError } from '../../lib/errors.ts';
import type { ProxyState, ToxiproxyProxy } from '../drivers/toxiproxy.ts';

/**
 * Takes a fault off a proxy, step by step harder, and reads the proxy back after each step: first the fault's own undoing,
 * then the proxy is made anew. Each call has the client's time limit (2 s). CleanupError when neither is seen to work.
 */
export async function removeVerified(
  proxy: ToxiproxyProxy,
  undo: () => Promise<void>,
  isFree: (state: ProxyState) => boolean,
): Promise<void> {
  const failures: unknown[] = [];
  for (const step of [undo, () => proxy.recreate()]) {
    try {
      await step();
    } catch (error) {
      failures.push(error);
      // A refusal says nothing yet (it may have been undone before), but after a call that hangs a read would hang too.
      if (step === undo && !isRejected(error)) continue;
    }
    try {
      if (isFree(await proxy.state())) return;
    } catch (error) {
      failures.push(error);
    }
  }
  // A server that has ended holds no fault, and needs no other proof.
  if (proxy.gone()) return;
  const reasons = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)));
  throw new CleanupError(`the fault on the proxy of edge "${proxy.name}" could not be shown to be gone`, {
    hint: reasons.length > 0 ? reasons.join('; ') : 'the proxy still has it after being made anew',
    cause: failures[0],
  });
}

function isRejected(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && error.reason === 'rejected';
}
