import { formatDuration } from '../units.ts';

export interface Countdown extends Disposable {
  /** Something that stays readable. */
  note(message: string): void;
}

/** Shows how long something still lasts, on a line that is redrawn; where there is no terminal only the notes. */
export function countdown(stream: NodeJS.WriteStream, what: string, lengthMs: number): Countdown {
  if (!stream.isTTY || process.env['CI'] !== undefined) {
    return { note: (message) => void stream.write(`${message}\n`), [Symbol.dispose]: () => {} };
  }
  const startedMs = performance.now();
  const clear = (): void => void stream.write('\r\u001B[K');
  const draw = (): void => {
    const leftS = Math.ceil(Math.max(0, lengthMs - (performance.now() - startedMs)) / 1_000);
    clear();
    stream.write(`${what}: ${formatDuration(leftS * 1_000)} left, ctrl-C ends it at once`);
  };
  draw();
  const timer = setInterval(draw, 250);
  return {
    note(message) {
      clear();
      stream.write(`${message}\n`);
      draw();
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      clear();
    },
  };
}
