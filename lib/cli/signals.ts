import { AbortedError } from '../errors.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Turns ctrl-C and the like into an abort of the run. The first one starts the clean-up; later ones can't skip it, they
 * only say that it is under way. Disposing gives the signals back their default meaning.
 */
export function abortOnSignals(
  say: (message: string) => void,
  doing = 'stopping the load, removing faults, stopping services',
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) say('clean-up is under way and cannot be skipped');
    else {
      say(`${name}: ${doing}`);
      controller.abort(new AbortedError(`aborted by ${name}`));
    }
  };
  for (const name of SIGNALS) process.on(name, onSignal);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const name of SIGNALS) process.off(name, onSignal);
    },
  };
}
