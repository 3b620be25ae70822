import { CommanderError } from 'commander';
import { CutoverError, EXIT, type ExitCode } from '../errors.ts';

/** Prints an error once, for people; returns the exit code it stands for. */
export function printError(error: unknown, stream: { write(text: string): unknown }): ExitCode {
  // commander has printed its own message (or the help that was asked for).
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
  if (error instanceof CutoverError) {
    stream.write(`${formatError(error)}\n`);
    return error.exitCode;
  }
  stream.write(`error: unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.environment;
}

/** "error: message\n  hint: …". */
export function formatError(error: CutoverError): string {
  const lines = error.message.split('\n');
  const message =
    lines.length > 1 ? `error:\n${lines.map((line) => `  ${line}`).join('\n')}` : `error: ${error.message}`;
  return error.hint === undefined ? message : `${message}\n  hint: ${error.hint}`;
}
