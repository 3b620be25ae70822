import { EnvironmentError } from '../../lib/errors.ts';
import type { FaultKind, OnService, ServiceTarget } from './fault-kind.ts';

/** The service is told to end and started again at once. */
export interface RestartFault extends OnService {
  readonly kind: 'restart';
}

export const restart: FaultKind<RestartFault, ServiceTarget> = {
  kind: 'restart',
  describe: () => 'restarted',
  async inject(service) {
    const before = service.pid();
    await service.end('SIGTERM');
    await service.start();
    if (service.pid() === before) {
      throw new EnvironmentError('not-restarted', `service "${service.name}" has the process that it had before`);
    }
  },
  remove: (service) => service.start(),
  // Its injection has seen to it; that it runs again is what shows it.
  sign: (service) =>
    Promise.resolve(
      service.pid() === undefined
        ? { seen: false, detail: 'no process runs' }
        : { seen: true, detail: 'another process runs' },
    ),
};
