import { EXIT, type ExitCode } from '../../errors.ts';
import { cacheDir } from '../../toolchain/cache-dir.ts';
import { diagnose } from '../../toolchain/diagnose.ts';
import { createProgressWriter } from '../../toolchain/progress-bar.ts';
import { renderDiagnosis } from '../../toolchain/render-diagnosis.ts';
import { abortOnSignals } from '../signals.ts';

export interface DoctorOptions {
  readonly build: boolean;
  readonly json?: boolean;
}

/** Finds or builds the tools and says which, why, and what is missing with the command to get it. */
export async function doctorCommand(options: DoctorOptions): Promise<ExitCode> {
  using abort = abortOnSignals((message) => process.stderr.write(`${message}\n`));
  const { env } = process;
  using onProgress = createProgressWriter(process.stderr);
  const context = { env, cacheDir: cacheDir(env), signal: abort.signal, onProgress };
  const diagnosis = await diagnose(context, { build: options.build });
  process.stdout.write(options.json === true ? `${JSON.stringify(diagnosis, null, 2)}\n` : renderDiagnosis(diagnosis));
  return diagnosis.ok ? EXIT.pass : EXIT.environment;
}
