import type { DrillInput } from '../../lib/plan/schema/drills.ts';
import { cancellation } from './cancellation.ts';
import { circuitBreaker } from './circuit-breaker.ts';
import type { DrillKind } from './drill-kind.ts';
import { idempotency } from './idempotency.ts';
import { readiness } from './readiness.ts';
import { rollback } from './rollback.ts';
import { killSwitch } from './kill-switch.ts';
import { blueGreen } from './blue-green.ts';
import { canary } from './canary.ts';
import { restore } from './restore.ts';
import { gracefulStop } from './graceful-stop.ts';
import { migration } from './migration.ts';
import { parity } from './parity.ts';
import { shadow } from './shadow.ts';
import { contract } from './contract.ts';
import { boundary } from './boundary.ts';
import { collector } from './collector.ts';
import { retry } from './retry.ts';
import { timeoutDrill } from './timeout.ts';

const KINDS: { readonly [K in DrillInput['kind']]: DrillKind<K> } = {
  'circuit-breaker': circuitBreaker,
  timeout: timeoutDrill,
  cancellation,
  retry,
  idempotency,
  readiness,
  rollback,
  'kill-switch': killSwitch,
  'blue-green': blueGreen,
  canary,
  restore,
  'graceful-stop': gracefulStop,
  migration,
  parity,
  shadow,
  contract,
  boundary,
  collector,
};

/** The kind that a drill is of; each kind takes its own drills, which a lookup cannot tell the compiler. */
export function drillKind<D extends DrillInput>(drill: D): DrillKind<D['kind']> {
  return KINDS[drill.kind] as unknown as DrillKind<D['kind']>;
}
