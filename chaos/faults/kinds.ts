import { bandwidth } from './bandwidth.ts';
import { cpuPressure } from './cpu-pressure.ts';
import { diskFull } from './disk-full.ts';
import { down } from './down.ts';
import type { EdgeTarget, FaultKind, ServiceTarget } from './fault-kind.ts';
import { type EdgeFault, type Fault, type ServiceFault, targetOf } from './fault.ts';
import { flapping } from './flapping.ts';
import { kill } from './kill.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { memoryPressure } from './memory-pressure.ts';
import { pause } from './pause.ts';
import { requestCut } from './request-cut.ts';
import { requestDelay } from './request-delay.ts';
import { requestFail } from './request-fail.ts';
import { requestHang } from './request-hang.ts';
import { reset } from './reset.ts';
import { restart } from './restart.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { terminate } from './terminate.ts';
import { timeout } from './timeout.ts';

type Kinds<F extends Fault, Target> = {
  readonly [K in F['kind']]: FaultKind<Extract<F, { readonly kind: K }>, Target>;
};

export const EDGE_KINDS: Kinds<EdgeFault, EdgeTarget> = {
  latency,
  bandwidth,
  'slow-close': slowClose,
  timeout,
  reset,
  slicer,
  'limit-data': limitData,
  down,
  flapping,
  'request-fail': requestFail,
  'request-delay': requestDelay,
  'request-hang': requestHang,
  'request-cut': requestCut,
};

export const SERVICE_KINDS: Kinds<ServiceFault, ServiceTarget> = {
  kill,
  terminate,
  restart,
  pause,
  'cpu-pressure': cpuPressure,
  'memory-pressure': memoryPressure,
  'disk-full': diskFull,
};

/** The kind that a fault of an edge is of; each kind takes its own faults, which a lookup cannot tell the compiler. */
export function edgeKind<F extends EdgeFault>(fault: F): FaultKind<F, EdgeTarget> {
  return EDGE_KINDS[fault.kind] as unknown as FaultKind<F, EdgeTarget>;
}

export function serviceKind<F extends ServiceFault>(fault: F): FaultKind<F, ServiceTarget> {
  return SERVICE_KINDS[fault.kind] as unknown as FaultKind<F, ServiceTarget>;
}

/**
 * What a fault's probes through the edge's proxy show; undefined where something else is the proof, as for a fault that may
 * spare the probe's connection.
 */
export function probeOf(fault: Fault): FaultKind<Fault, never>['probe'] {
  if (!('edge' in fault) || ('connections' in fault && fault.connections < 1)) return undefined;
  return edgeKind(fault).probe;
}

/** "latency 2s on orders-pricing". */
export function describeFault(fault: Fault): string {
  const what = 'service' in fault ? serviceKind(fault).describe(fault) : edgeKind(fault).describe(fault);
  return `${what} on ${targetOf(fault)}`;
}
