import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { findOnPath } from './path-search.ts';
import { probeVersion } from './probe.ts';
import type { ToolSpec } from './tool-spec.ts';
import { formatRange, isInRange } from './version.ts';

/** A Go that can build the module at hand. */
export interface Go {
  readonly path: string;
  readonly version: string;
}

export const GO_VERSION_QUESTION = {
  versionArguments: ['version'],
  versionPattern: /^go version go(\d\S*)/m,
} as const;

/**
 * The first `go` on PATH that is at least as new as the `go` line of the tool's module. `absence` says why there is no
 * finished tool. Throws EnvironmentError "tool-missing" with the ways out as its hint.
 */
export async function findGo(
  spec: ToolSpec,
  absence: string,
  context: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Go> {
  const atLeast = await goLine(join(spec.build.moduleFolder, 'go.mod'));
  const refused: string[] = [];
  for (const path of await findOnPath('go', context.env)) {
    const probe = await probeVersion(path, GO_VERSION_QUESTION, { ...context, env: buildEnv(context.env) });
    if (probe.kind === 'version' && isInRange(probe.version, { atLeast })) return { path, version: probe.version };
    refused.push(probe.kind === 'version' ? `${path} is Go ${probe.version}` : `${path} does not tell its version`);
  }
  const found = refused.length === 0 ? 'there is no Go on PATH' : refused.join(', ');
  throw new EnvironmentError(
    'tool-missing',
    `${spec.name} is missing (${absence}) and building it takes Go >= ${atLeast}: ${found}`,
    { hint: waysToGet(spec, atLeast) },
  );
}

/** What a user can do where a tool is missing and Go is missing or too old; one way a line. */
export function waysToGet(spec: ToolSpec, atLeast: string): string {
  return [
    `any one of these:`,
    `  ${installGo(atLeast)}`,
    `  put ${spec.name} ${formatRange(spec.range)} on PATH`,
    `  export ${spec.overrideVariable}=/path/to/${spec.name}`,
  ].join('\n');
}

export function installGo(atLeast: string): string {
  return `install Go >= ${atLeast}: https://go.dev/dl/, or: brew install go, apt-get install golang-go, dnf install golang`;
}

/** The version in a go.mod's `go` line: the oldest Go that can build the module. */
export async function goLine(goMod: string): Promise<string> {
  const version = /^go (\S+)$/m.exec(await readFile(goMod, 'utf8'))?.[1];
  if (version === undefined) throw new EnvironmentError('tool-build-failed', `${goMod} has no go line`);
  return version;
}

/**
 * The user's environment (module proxies and private mirrors stay in force) with what makes a build the same
 * everywhere: static, for this machine, from go.sum alone, outside any go.work of the surrounding project, and by the
 * Go that was found, not one that it fetches on the quiet.
 */
export function buildEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { GOOS: _os, GOARCH: _arch, GOROOT: _root, ...kept } = env;
  return { ...kept, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly', GOWORK: 'off', GOTOOLCHAIN: 'local' };
}
