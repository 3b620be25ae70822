import type { BandwidthFault } from './bandwidth.ts';
import type { CpuPressureFault } from './cpu-pressure.ts';
import type { DiskFullFault } from './disk-full.ts';
import type { DownFault } from './down.ts';
import type { FlappingFault } from './flapping.ts';
import type { KillFault } from './kill.ts';
import type { LatencyFault } from './latency.ts';
import type { LimitDataFault } from './limit-data.ts';
import type { MemoryPressureFault } from './memory-pressure.ts';
import type { PauseFault } from './pause.ts';
import type { RequestCutFault } from './request-cut.ts';
import type { RequestDelayFault } from './request-delay.ts';
import type { RequestFailFault } from './request-fail.ts';
import type { RequestHangFault } from './request-hang.ts';
import type { ResetFault } from './reset.ts';
import type { RestartFault } from './restart.ts';
import type { SlicerFault } from './slicer.ts';
import type { SlowCloseFault } from './slow-close.ts';
import type { TerminateFault } from './terminate.ts';
import type { TimeoutFault } from './timeout.ts';

/** On single requests, by the edge's tap. */
export type RequestFault = RequestFailFault | RequestDelayFault | RequestHangFault | RequestCutFault;

/** On an edge's connections, by its proxy. */
export type ConnectionFault =
  | LatencyFault
  | BandwidthFault
  | SlowCloseFault
  | TimeoutFault
  | ResetFault
  | SlicerFault
  | LimitDataFault
  | DownFault
  | FlappingFault;

export type EdgeFault = ConnectionFault | RequestFault;

/** On a service that the harness started. */
export type ServiceFault =
  | KillFault
  | TerminateFault
  | RestartFault
  | PauseFault
  | CpuPressureFault
  | MemoryPressureFault
  | DiskFullFault;

/** One disturbance with its times worked out. */
export type Fault = EdgeFault | ServiceFault;

export function isServiceFault(fault: Fault): fault is ServiceFault {
  return 'service' in fault;
}

export function isRequestFault(fault: Fault): fault is RequestFault {
  return fault.kind.startsWith('request-');
}

/** What a fault is on: an edge's name, or a service's. */
export function targetOf(fault: Fault): string {
  return isServiceFault(fault) ? fault.service : fault.edge;
}
