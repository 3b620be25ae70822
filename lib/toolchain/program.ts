import { globSync } from 'node:fs';
import { delimiter } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import type { DiagnosisItem, Need } from './diagnosis.ts';
import { findOnPath } from './path-search.ts';
import { probeVersion } from './probe.ts';
import type { VersionQuestion } from './probe.ts';
import type { FoundToolName, Tool } from './tool.ts';
import { formatRange, isInRange } from './version.ts';
import type { VersionRange } from './version.ts';

/** A program that is used where the machine has it, and never installed by the harness. */
export interface Program extends VersionQuestion {
  readonly name: string;
  readonly need: Need;
  readonly usedFor: string;
  /** Names it may have on PATH, the preferred first. */
  readonly commands: readonly string[];
  /** Folders to look in after PATH (patterns): where distributions keep what they keep off it. */
  readonly folders?: readonly string[];
  readonly range?: VersionRange | undefined;
  /** How to get it. */
  readonly install: string;
}

/** Looks for a program on PATH; the first that works and is new enough counts. Rejects only when the signal aborts. */
export async function diagnoseProgram(
  program: Program,
  context: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<DiagnosisItem> {
  const { name, need, usedFor, range } = program;
  const env = withFolders(context.env, program.folders ?? []);
  const paths = (await Promise.all(program.commands.map((command) => findOnPath(command, env)))).flat();
  let unusable: DiagnosisItem | undefined;
  for (const path of paths) {
    const probe = await probeVersion(path, program, context);
    const version = probe.kind === 'version' ? probe.version : null;
    const item = { name, need, usedFor, version, path, source: 'path' } as const;
    if (version !== null && (range === undefined || isInRange(version, range))) {
      const why = range === undefined ? 'on PATH' : `on PATH and within ${formatRange(range)}`;
      return { ...item, status: 'ok', why, fix: null };
    }
    unusable ??= { ...item, status: 'unusable', why: problem(probe, range), fix: program.install };
  }
  if (unusable !== undefined) return unusable;
  const why = 'not on PATH';
  return { name, need, usedFor, status: 'missing', version: null, path: null, source: null, why, fix: program.install };
}

/** The program as a tool of a run. EnvironmentError("tool-missing" | "tool-unusable") with the way to get it. */
export async function requireProgram(
  program: Program & { readonly name: FoundToolName },
  context: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<Tool> {
  const { status, version, path, why } = await diagnoseProgram(program, context);
  if (status === 'ok' && path !== null) {
    return { name: program.name, version: version ?? 'unknown', path, source: 'path', why };
  }
  const code = status === 'missing' ? 'tool-missing' : 'tool-unusable';
  const where = path === null ? '' : ` (${path})`;
  throw new EnvironmentError(code, `${program.name}${where}, for ${program.usedFor}: ${why}`, {
    hint: program.install,
  });
}

/** The newest of them first. */
function withFolders(env: NodeJS.ProcessEnv, patterns: readonly string[]): NodeJS.ProcessEnv {
  const folders = globSync(patterns).toSorted((a, b) => b.localeCompare(a, undefined, { numeric: true }));
  return folders.length === 0 ? env : { ...env, PATH: [env['PATH'] ?? '', ...folders].join(delimiter) };
}

function problem(probe: Awaited<ReturnType<typeof probeVersion>>, range: VersionRange | undefined): string {
  switch (probe.kind) {
    case 'version':
      return range === undefined ? '' : `${probe.version} is outside ${formatRange(range)}`;
    case 'unreadable':
      return `its version can't be told from "${probe.printed}"`;
    case 'broken':
      return probe.reason;
    default:
      return probe satisfies never;
  }
}
