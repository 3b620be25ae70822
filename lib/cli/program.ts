import { Command } from 'commander';
import { VERSION } from '../version.ts';

const EXIT_CODES = `
Exit codes:
  0 pass   1 a budget or drill failed   2 usage, config or experiment error   3 inconclusive
  4 environment (a tool or service could not start)   5 clean-up could not be verified   130 aborted (after clean-up)`;

/** The command line. A command's modules are loaded when it is called: what is not used costs no time and no memory. `exit` is told what the process should end with. */
export function createProgram(exit: (code: number) => void): Command {
  const program = new Command('cutover')
    .description(
      'May this service take the traffic? Drives load, breaks things, judges budgets and shows the evidence.',
    )
    .version(VERSION)
    .showHelpAfterError('(cutover --help shows what there is)')
    .addHelpText('after', EXIT_CODES)
    .exitOverride();
  const collect = (value: string, previous: readonly string[]) => [...previous, value];

  program
    .command('run')
    .description('run experiments and judge them')
    .argument('[names...]', 'experiments by name, or experiment files; none: all of the config')
    .option('-c, --config <file>', 'the config file (default: cutover.config.ts in this folder)')
    .option('-s, --set <path=value>', 'override any field, may be repeated', collect, [])
    .option('--dry-run', 'print the resolved schedule and start nothing')
    .option('--json', 'print the result as JSON on stdout, progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  cutover run                                              everything in cutover.config.ts
  cutover run peak-load                                    one experiment
  cutover run peak-load --set load.phases.steady.rate=400/s
  cutover run ./spike.experiment.ts --dry-run              the schedule of a file, nothing is started
  cutover run --json > result.json                         for scripts
${EXIT_CODES}`,
    )
    .action(async (names: string[], options) =>
      exit(await (await import('./commands/run.ts')).runCommand(names, options)),
    );

  program
    .command('capacity')
    .description("find the highest rate that an experiment's steady budgets hold at")
    .argument('<name>', 'an experiment by name, or an experiment file')
    .option('-c, --config <file>', 'the config file')
    .option('-s, --set <path=value>', 'override any field, may be repeated', collect, [])
    .option('--from <rate>', 'the first rate that is tried (default: half of the steady rate)')
    .option('--up-to <rate>', 'never more than this (default: 20 times the steady rate)')
    .option('--forecast <rate>', 'the peak that is to come: the answer is judged against it')
    .option('--precision <percent>', 'how close last pass and first fail must be (default: 5%)')
    .option('--dry-run', 'print what would be probed and start nothing')
    .option('--json', 'print the result as JSON on stdout, progress on stderr')
    .addHelpText(
      'after',
      `
Examples:
  cutover capacity overload                                 where the budgets of its steady phase break
  cutover capacity overload --from 50/s --up-to 500/s
  cutover capacity overload --forecast 120/s --set capacity.headroom=150%
${EXIT_CODES}`,
    )
    .action(async (name: string, options) =>
      exit(await (await import('./commands/capacity.ts')).capacityCommand(name, options)),
    );

  program
    .command('compare')
    .description('run an experiment that compares a baseline and a candidate in interleaved blocks')
    .argument('<name>', 'an experiment by name, or an experiment file')
    .option('-c, --config <file>', 'the config file')
    .option('-s, --set <path=value>', 'override any field, may be repeated', collect, [])
    .option('--blocks <number>', 'how many blocks each of the two gets')
    .option('--block <duration>', 'how long each block is')
    .option('--margin <percent>', 'how much worse latency, CPU and memory may be')
    .option('--aa', 'the baseline against itself: shows the noise floor')
    .option('--dry-run', 'print the resolved schedule and start nothing')
    .option('--json', 'print the result as JSON on stdout, progress on stderr')
    .addHelpText(
      'after',
      '\nExamples:\n  cutover compare pricing-comparison\n  cutover compare pricing-comparison --aa\n  cutover compare pricing-comparison --blocks 24 --block 5s --margin 5%',
    )
    .action(async (name: string, options) =>
      exit(await (await import('./commands/compare.ts')).compareCommand(name, options)),
    );

  program
    .command('list')
    .description('list the experiments of the config')
    .option('-c, --config <file>', 'the config file')
    .option('--json', 'print as JSON')
    .action(async (options) => exit(await (await import('./commands/list.ts')).listCommand(options)));

  program
    .command('doctor')
    .description('say which tools are used and why, build what is missing, and how to get what cannot be built')
    .option('--no-build', 'only look, build nothing')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  cutover doctor              find or build k6 and toxiproxy-server\n  cutover doctor --no-build   only look',
    )
    .action(async (options) => exit(await (await import('./commands/doctor.ts')).doctorCommand(options)));

  program
    .command('report')
    .description("render a run's reports again from its files")
    .argument('<run>', 'a run folder, or an experiment name for its latest run')
    .option('-c, --config <file>', 'the config file, to find runs by name')
    .option('--judge', 'judge again from timeline.ndjson and observations.json first')
    .option('--json', 'print the verdict as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  cutover report peak-load\n  cutover report reports/out/peak-load/latest --judge',
    )
    .action(async (run: string, options) =>
      exit(await (await import('./commands/report.ts')).reportCommand(run, options)),
    );

  for (const command of program.commands) command.exitOverride();
  return program;
}
