import { EXIT, type ExitCode } from '../../errors.ts';
import { loadPlans } from '../../plan/load-plans.ts';
import { formatDuration } from '../../units.ts';

export interface ListOptions {
  readonly config?: string;
  readonly json?: boolean;
}

/** Lists the experiments of the config; they are validated on the way. */
export async function listCommand(options: ListOptions): Promise<ExitCode> {
  const { plans } = await loadPlans({ cwd: process.cwd(), configPath: options.config, names: [], overrides: [] });
  const rows = plans.map((plan) => ({
    name: plan.experiment,
    duration: formatDuration(plan.load.phases.at(-1)?.endMs ?? 0),
    faults: plan.faults.length,
    budgets: plan.budgets.length,
    description: plan.description,
  }));
  if (options.json === true) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
  else {
    const width = Math.max(...rows.map(({ name }) => name.length));
    for (const { name, duration, faults, budgets, description } of rows) {
      const figures = `${duration.padStart(6)}  ${faults} faults  ${budgets} budgets`;
      process.stdout.write(`${name.padEnd(width)}  ${figures}  ${description}\n`);
    }
  }
  return EXIT.pass;
}
