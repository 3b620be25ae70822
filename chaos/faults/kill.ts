import type { FaultKind, FaultSign, OnService, ServiceTarget } from './fault-kind.ts';

/** The service's processes are killed (SIGKILL); it is started again when the fault ends. */
export interface KillFault extends OnService {
  readonly kind: 'kill';
}

export const kill: FaultKind<KillFault, ServiceTarget> = {
  kind: 'kill',
  describe: () => 'killed, started again at the end',
  inject: (service) => service.end('SIGKILL'),
  remove: (service) => service.start(),
  sign: (service) => Promise.resolve(goneSign(service)),
};

export function goneSign(service: ServiceTarget): FaultSign {
  const pid = service.pid();
  return pid === undefined
    ? { seen: true, detail: 'its processes are gone' }
    : { seen: false, detail: `process ${pid} runs` };
}
