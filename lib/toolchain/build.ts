import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { BuildProgress } from './build-progress.ts';
import { toolFolder } from './cache-entry.ts';
import { buildEnv } from './go.ts';
import type { Go } from './go.ts';
import { probeVersion } from './probe.ts';
import { failureOf, runCommand } from './run-command.ts';
import type { CommandResult } from './run-command.ts';
import type { ToolSpec } from './tool-spec.ts';
import type { ToolchainContext } from './toolchain-context.ts';

const TEMPORARY = 'building-';

/**
 * Builds the pinned version of a tool and puts it at `target`, whole or not at all: it is built in a folder beside,
 * run once, synced to disk and renamed into place. To be called under the tool's lock.
 *
 * Throws EnvironmentError "tool-build-failed", or the signal's reason.
 */
export async function buildTool(spec: ToolSpec, target: string, go: Go, context: ToolchainContext): Promise<void> {
  const folder = toolFolder(spec, context.cacheDir);
  await sweep(folder);
  const temporary = join(folder, `${TEMPORARY}${randomUUID()}`);
  await mkdir(temporary);
  try {
    const binary = join(temporary, spec.name);
    await compile(spec, binary, go, context);
    await verify(spec, binary, context);
    await syncToDisk(binary);
    await mkdir(dirname(target), { recursive: true });
    await rename(binary, target);
    await syncToDisk(dirname(target));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Under the lock nobody else builds, so whatever is there was left by a builder that was killed. */
async function sweep(folder: string): Promise<void> {
  const left = (await readdir(folder)).filter((name) => name.startsWith(TEMPORARY));
  await Promise.all(left.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}

async function compile(spec: ToolSpec, binary: string, go: Go, context: ToolchainContext): Promise<void> {
  const flags = ['-trimpath', '-buildvcs=false', `-ldflags=${spec.build.linkerFlags}`];
  const report = (phase: BuildProgress['phase'], done: number, total: number): void =>
    context.onProgress({ tool: spec.name, phase, done: Math.min(done, total), total });

  const moduleCount = await countModules(spec);
  let downloaded = 0;
  // Listing the packages fetches their modules (go says "go: downloading …" for each) and, being told the flags of the
  // build, knows which packages are still to be compiled.
  const listing = await runGo(
    ['list', '-deps', ...flags, '-f', '{{if .Stale}}{{.ImportPath}}{{end}}', spec.build.package],
    (line) => {
      if (line.startsWith('go: downloading ')) report('download', (downloaded += 1), moduleCount);
    },
  );
  const packageCount = listing.split('\n').filter((line) => line !== '').length;

  let built = 0;
  report('build', built, packageCount);
  // With -v, each line is a package whose compilation starts.
  await runGo(['build', '-v', ...flags, '-o', binary, spec.build.package], (line) => {
    if (line.startsWith('go: ')) return;
    report('build', built, packageCount);
    built += 1;
  });
  report('build', packageCount, packageCount);

  async function runGo(args: readonly string[], onErrorLine: (line: string) => void): Promise<string> {
    const { signal } = context;
    const options = { env: buildEnv(context.env), cwd: spec.build.moduleFolder, signal, onErrorLine };
    const result = await runCommand(go.path, args, options);
    signal.throwIfAborted();
    if (result.kind === 'exited' && result.code === 0) return result.stdout;
    throw buildFailed(spec, `go ${args[0] ?? ''} ${failureOf(result, 'brief') ?? ''}`, lastErrors(result));
  }
}

async function countModules(spec: ToolSpec): Promise<number> {
  const goMod = await readFile(join(spec.build.moduleFolder, 'go.mod'), 'utf8');
  return goMod.match(/^(?:require )?\s*\S+\.\S+ v\d\S*/gm)?.length ?? 0;
}

async function verify(spec: ToolSpec, binary: string, context: ToolchainContext): Promise<void> {
  const probe = await probeVersion(binary, spec, context);
  switch (probe.kind) {
    case 'version':
      if (probe.version === spec.build.version) return;
      throw buildFailed(spec, `what was built says it is ${probe.version}, not ${spec.build.version}`);
    case 'unreadable':
      throw buildFailed(spec, `what was built prints no version: "${probe.printed}"`);
    case 'broken':
      throw buildFailed(spec, `what was built ${probe.reason}`);
    default:
      probe satisfies never;
  }
}

/** A file's content, or a folder's list of names. */
async function syncToDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function lastErrors(result: CommandResult): string | undefined {
  if (result.kind !== 'exited' && result.kind !== 'signalled') return undefined;
  const lines = result.stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('go: downloading '));
  return lines.slice(-15).join('\n');
}

function buildFailed(spec: ToolSpec, reason: string, output?: string): EnvironmentError {
  const shown = output ? `go said:\n${output}\n` : '';
  return new EnvironmentError('tool-build-failed', `${spec.build.origin} could not be built: ${reason}`, {
    hint: `${shown}the Go modules come from GOPROXY (go env GOPROXY); or install ${spec.name} and set ${spec.overrideVariable}=/path/to/${spec.name}`,
  });
}
