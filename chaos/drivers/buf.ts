import { createRequire } from 'node:module';
import { EnvironmentError } from '../../lib/errors.ts';
import type { ContractChange } from '../contracts/contract-change.ts';
import { formatExit } from './child-process.ts';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.ts';

/** How buf says that it found some. */
const FOUND = 100;
const RUN_MS = 20_000;

export interface ProtoFolders {
  /** Folders of .proto files (absolute). */
  readonly previous: string;
  readonly current: string;
  /** A category of buf's rules. */
  readonly rules: string;
}

/**
 * What `buf breaking` finds between two folders of .proto files. EnvironmentError('no-buf'): it is not there for this platform;
 * ('buf-failed'): it could not make anything of a folder.
 */
export async function protoChanges(
  { previous, current, rules }: ProtoFolders,
  { cacheDir, signal }: { readonly cacheDir: string; readonly signal: AbortSignal },
): Promise<readonly ContractChange[]> {
  const config = JSON.stringify({ version: 'v2', breaking: { use: [rules] } });
  const { exit, stdout, stderr } = await run({
    command: [
      bufPath(process.platform, process.arch),
      'breaking',
      '--against',
      previous,
      '--config',
      config,
      '--error-format',
      'json',
    ],
    // A folder that is named is looked for in the one it is run in: it has to be the one that is run in.
    cwd: current,
    env: { PATH: process.env['PATH'] ?? '', HOME: cacheDir, BUF_CACHE_DIR: cacheDir },
    signal: AbortSignal.any([signal, AbortSignal.timeout(RUN_MS)]),
  });
  if (exit.code === 0) return [];
  const said = (stderr.trim() === '' ? stdout : stderr).trim().slice(-300);
  if (exit.code !== FOUND) throw new EnvironmentError('buf-failed', `buf breaking (${formatExit(exit)}): ${said}`);
  const changes = stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => changeOf(JSON.parse(line) as Violation));
  const broken = changes.find(({ rule }) => rule === 'COMPILE');
  if (broken === undefined) return changes;
  throw new EnvironmentError('buf-failed', `buf cannot read ${current}: ${broken.where}: ${broken.text}`);
}

/** A line of its output. */
interface Violation {
  readonly path?: string;
  readonly start_line?: number;
  readonly type: string;
  readonly message: string;
}

function changeOf({ path = '', start_line: line, type, message }: Violation): ContractChange {
  return { rule: type, where: line === undefined ? path : `${path}:${line}`, text: message, certain: true };
}

/** The npm package's for this platform, or else the one on the user's PATH. */
export function bufPath(platform: string, arch: string): string {
  const machine = { arm64: platform === 'linux' ? 'aarch64' : 'arm64', arm: 'armv7' }[arch] ?? arch;
  const program = platform === 'win32' ? 'buf.exe' : 'buf';
  try {
    return createRequire(import.meta.url).resolve(`@bufbuild/buf-${platform}-${machine}/bin/${program}`);
  } catch {
    return 'buf';
  }
}

async function run(options: CommandOptions): Promise<CommandResult> {
  try {
    return await runCommand(options);
  } catch (error) {
    if (!(error instanceof EnvironmentError) || error.code !== 'command-not-found') throw error;
    throw new EnvironmentError('no-buf', `buf is not there for ${process.platform} ${process.arch}`, {
      hint: 'install it (https://buf.build/docs/cli/installation) so that it is on PATH',
      cause: error,
    });
  }
}
