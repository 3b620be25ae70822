#!/usr/bin/env node
import { EXIT } from '../errors.ts';
import { printError } from './print-error.ts';
import { createProgram } from './program.ts';

/** The only place that sets the exit code: commands return one, errors carry one. */
async function main(): Promise<number> {
  let exitCode: number = EXIT.pass;
  const program = createProgram((code) => (exitCode = code));
  try {
    await program.parseAsync();
    return exitCode;
  } catch (error) {
    return printError(error, process.stderr);
  }
}

process.exitCode = await main();
