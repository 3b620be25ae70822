import { Command } from 'commander';
import { VERSION } from '../version.ts';
import { FAULT_FLAGS } from './fault-flags.ts';

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

  const chaos = program.command('chaos').description('look for what breaks a system');
  chaos
    .command('sweep')
    .description("find the mildest fault that breaks an experiment's steady budgets, for each edge")
    .argument('<name>', 'an experiment by name, or an experiment file')
    .option('-c, --config <file>', 'the config file')
    .option('-s, --set <path=value>', 'override any field, may be repeated', collect, [])
    .option('--edges <names>', 'edges that faults are tried on, a,b (default: all)')
    .option('--faults <kinds>', 'kinds of faults that are tried, a,b (default: all)')
    .option('--intensities <kind=values>', 'in place of a built-in ladder, may be repeated', collect, [])
    .option('--time-limit <duration>', 'no cell is started that would end later (default: 10m)')
    .option('--for <duration>', 'how long each fault lasts (default: 5s)')
    .option('--dry-run', 'print what would be tried and start nothing')
    .option('--json', 'print the result as JSON on stdout, progress on stderr')
    .addHelpText(
      'after',
      `
Exit codes: 0 every edge has an answer, 3 some edge has none; what breaks is the answer, and no failure.

Examples:
  cutover chaos sweep peak-load --dry-run                   what would be tried
  cutover chaos sweep peak-load --edges orders-pricing --faults latency,request-fail
  cutover chaos sweep peak-load --faults latency --intensities latency=10ms,50ms,100ms --time-limit 3m
${EXIT_CODES}`,
    )
    .action(async (name: string, options) =>
      exit(await (await import('./commands/sweep.ts')).sweepCommand(name, options)),
    );

  program
    .command('alerts')
    .description("print Prometheus alert rules made from an experiment's steady error and latency budgets")
    .argument('<name>', 'an experiment by name, or an experiment file')
    .option('-c, --config <file>', 'the config file')
    .option('-s, --set <path=value>', 'override any field, may be repeated', collect, [])
    .option('-m, --metric <name=value>', 'a metric or a label of yours, may be repeated', collect, [])
    .option('--tests <rules file>', 'print unit tests of the rules instead, for promtool test rules')
    .addHelpText(
      'after',
      `
Multi-window, multi-burn-rate rules (SRE workbook, chapter 5). Metrics: requests, codeLabel, badCodes, duration,
operationLabel, protocolLabel.

Examples:
  cutover alerts peak-load > slo.rules.yaml
  cutover alerts peak-load --tests slo.rules.yaml > slo.rules.test.yaml
  cutover alerts peak-load -m requests=http_requests_total -m codeLabel=status -m badCodes=5..`,
    )
    .action(async (name: string, options) =>
      exit(await (await import('./commands/alerts.ts')).alertsCommand(name, options)),
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

  program
    .command('up')
    .description('bring the system up and keep it until ctrl-C, to try faults by hand')
    .argument('[experiment]', 'whose traffic and service settings it gets; none: the system as the config has it')
    .option('-c, --config <file>', 'the config file')
    .option('--no-tap', 'no taps on http and grpc edges: faults on single requests cannot be tried')
    .addHelpText(
      'after',
      '\nExamples:\n  cutover up\n  cutover up engine-faults\n\nctrl-C, once it is up, is a good end: exit 0.',
    )
    .action(async (experiment: string | undefined, options) =>
      exit(await (await import('./commands/up.ts')).upCommand(experiment, options)),
    );

  const fault = program
    .command('fault')
    .description('one fault by hand, which always ends: on a system that is up, or on a proxy of your own Toxiproxy')
    .argument(
      '<kind>',
      'latency, bandwidth, slow-close, timeout, reset, slicer, limit-data, down, flapping, request-…, pause',
    )
    .option('--on <name>', 'the edge, or for pause the service')
    .option('--for <duration>', 'how long, at most 1h; it ends then, whatever happens to this process')
    .option('-c, --config <file>', 'the config file, to find what it has brought up last')
    .option('--run <folder>', 'the run folder of the system, if it is not the newest')
    .option('--toxiproxy <url>', "your own Toxiproxy's API, instead of a system that is up")
    .option('--proxy <name>', 'which of its proxies')
    .option('--protocol <protocol>', 'what goes through it: http, grpc or tcp (default: tcp); to measure the effect')
    .option('--allow-host <host>', 'a host other than this machine that may be disturbed', collect, []);
  for (const [flags, description] of FAULT_FLAGS) fault.option(flags, description);
  fault
    .addHelpText(
      'after',
      `
Exit code: 0 it was felt, 3 it had no effect that could be measured, 5 it may still be in force.

Examples:
  cutover fault latency --on orders-pricing --latency 300ms --jitter 20ms --for 30s
  cutover fault down --on orders-ledger --for 5s
  cutover fault request-fail --on orders-pricing --with UNAVAILABLE --share 10% --for 20s
  cutover fault pause --on engine --for 3s
  cutover fault latency --toxiproxy http://127.0.0.1:8474 --proxy db --ms 300 --for 10s
${EXIT_CODES}`,
    )
    .action(async (kind: string, options) =>
      exit(await (await import('./commands/fault.ts')).faultCommand(kind, options)),
    );

  for (const command of [...program.commands, ...chaos.commands]) command.exitOverride();
  return program;
}
