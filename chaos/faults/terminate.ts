import type { FaultKind, OnService, ServiceTarget } from './fault-kind.ts';
import { goneSign } from './kill.ts';

/** The service is told to end (SIGTERM), as in a release; it is started again when the fault ends. */
export interface TerminateFault extends OnService {
  readonly kind: 'terminate';
}

export const terminate: FaultKind<TerminateFault, ServiceTarget> = {
  kind: 'terminate',
  describe: () => 'terminated, started again at the end',
  inject: (service) => service.end('SIGTERM'),
  remove: (service) => service.start(),
  sign: (service) => Promise.resolve(goneSign(service)),
};
