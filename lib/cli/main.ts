#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { EXIT } from '../errors.ts';
import { printError } from './print-error.ts';
import { createProgram } from './program.ts';

// V8's young generation grows with what is loaded at the start and stays large: a tenth of the harness's memory, of no use later.
setFlagsFromString('--semi-space-growth-factor=1');

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
