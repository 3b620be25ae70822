import { EXIT, type ExitCode } from '../errors.ts';

/** What matters most when several experiments ended differently. */
const WORST_FIRST: readonly ExitCode[] = [
  EXIT.cleanup,
  EXIT.aborted,
  EXIT.environment,
  EXIT.usage,
  EXIT.fail,
  EXIT.inconclusive,
  EXIT.pass,
];

export function worstExitCode(codes: readonly ExitCode[]): ExitCode {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT.pass;
}

/** Whether the next experiment may still run: after a verdict, yes; after an abort or a broken environment, no. */
export function mayContinue(code: ExitCode): boolean {
  return code === EXIT.pass || code === EXIT.fail || code === EXIT.inconclusive;
}
