import { continueTree } from './drivers/paused-tree.ts';
import { type ToxiproxyProxy, attachToxiproxyProxy, toxiproxyClient } from './drivers/toxiproxy.ts';
import { removeVerified } from './faults/remove-verified.ts';
import type { ProxyReference, Undo } from './lease.ts';

/**
 * Takes a fault away by its lease. Returns when it was seen to be gone, with the server or the process that it was in, or by
 * itself; may be called again, as often as one likes. CleanupError, or a driver's error, when it may still be in force.
 */
export async function undoFault(undo: Undo): Promise<void> {
  switch (undo.type) {
    case 'remove-toxic': {
      const { toxic } = undo;
      const proxy = attach(undo.proxy, [toxic]);
      await removeVerified(
        proxy,
        () => proxy.removeToxic(toxic),
        ({ toxics }) => !toxics.some(({ name }) => name === toxic),
      );
      return;
    }
    case 'enable-proxy': {
      const proxy = attach(undo.proxy, []);
      await removeVerified(
        proxy,
        () => proxy.setEnabled(true),
        ({ enabled }) => enabled,
      );
      return;
    }
    case 'remove-rule': {
      // Loaded when it is needed: few faults are on single requests, and a warden should be small.
      const { removeRuleVerified } = await import('./tap/control.ts');
      await removeRuleVerified(undo.tap, undo.edge, undo.rule);
      return;
    }
    case 'continue':
      await continueTree(undo.leader);
      return;
    default:
      undo satisfies never;
  }
}

function attach({ api, shared, ...address }: ProxyReference, own: readonly string[]): ToxiproxyProxy {
  return attachToxiproxyProxy(toxiproxyClient(api), address, shared ? new Set(own) : undefined);
}
