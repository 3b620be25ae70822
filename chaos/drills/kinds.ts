import type { DrillInput } from '../../lib/plan/schema/drills.ts';
import { cancellation } from './cancellation.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import type { DrillKind } from './drill-kind.ts';
import { idempotency } from './idempotency.ts';
import { readiness } from './readiness.ts';
import { retry } from './retry.ts';
import { timeoutDrill } from './timeout.ts';

const KINDS: { readonly [K in DrillInput['kind']]: DrillKind<K> } = {
  'circuit-breaker': circuitBreaker,
  timeout: timeoutDrill,
  cancellation,
  retry,
  idempotency,
  readiness,
};

/** The kind that a drill is of; each kind takes its own drills, which a lookup cannot tell the compiler. */
export function drillKind<D extends DrillInput>(drill: D): DrillKind<D['kind']> {
  return KINDS[drill.kind] as unknown as DrillKind<D['kind']>;
}
