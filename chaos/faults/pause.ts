import type { FaultKind, OnService, ServiceTarget } from './fault-kind.ts';

/** All processes of the service stand still (SIGSTOP): connections stay open, nothing is answered; they go on at the end. */
export interface PauseFault extends OnService {
  readonly kind: 'pause';
}

export const pause: FaultKind<PauseFault, ServiceTarget> = {
  kind: 'pause',
  describe: () => 'paused',
  inject: (service) => service.pause.apply(),
  remove: (service) => service.pause.lift(),
  sign: (service) => service.pause.sign(),
};
