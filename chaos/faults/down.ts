import type { FaultKind } from './fault-kind.ts';
import { removeVerified } from './remove-verified.ts';

/** The edge's connections are cut and new ones refused: the proxy stops listening. */
export const down: FaultKind<'down'> = {
  kind: 'down',
  inject: (proxy) => proxy.setEnabled(false),
  remove: (proxy) =>
    removeVerified(
      proxy,
      () => proxy.setEnabled(true),
      ({ enabled }) => enabled,
    ),
  effect(probes) {
    const during = probes.filter((probe) => probe.when === 'during');
    if (during.length === 0) return { felt: 'unknown', detail: 'no probes were made' };
    const refused = during.filter((probe) => probe.error?.includes('ECONNREFUSED')).length;
    return {
      felt: refused === during.length ? 'yes' : 'no',
      detail: `${refused} of ${during.length} connections refused`,
    };
  },
};
