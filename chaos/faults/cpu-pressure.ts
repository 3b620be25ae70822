import type { FaultKind, OnService, Ramp, ServiceTarget } from './fault-kind.ts';

/** The service's processes get at most so much CPU together. */
export interface CpuPressureFault extends OnService {
  readonly kind: 'cpu-pressure';
  /** What is left to it; the least, where it moves. */
  readonly cores: number;
  readonly ramp?: Ramp;
}

export const cpuPressure: FaultKind<CpuPressureFault, ServiceTarget> = {
  kind: 'cpu-pressure',
  describe: ({ cores, ramp }) => `CPU limited to ${ramp === undefined ? cores : `${ramp.from} → ${ramp.to}`} cores`,
  inject: (service, { cores, ramp }) => service.cpu.apply(ramp?.from ?? cores),
  adjust: (service, _fault, value) => service.cpu.apply(value),
  remove: (service) => service.cpu.lift(),
  sign: (service) => service.cpu.sign(),
};
