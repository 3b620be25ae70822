import type { DiagnosisItem, Need } from './diagnosis.ts';
import { findOnPath } from './path-search.ts';
import { probeVersion } from './probe.ts';
import type { VersionQuestion } from './probe.ts';
import { formatRange, isInRange } from './version.ts';
import type { VersionRange } from './version.ts';

/** A program that is used where the machine has it, and never installed by the harness. */
export interface Program extends VersionQuestion {
  readonly name: string;
  readonly need: Need;
  readonly usedFor: string;
  /** Names it may have on PATH, the preferred first. */
  readonly commands: readonly string[];
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
  const paths = (await Promise.all(program.commands.map((command) => findOnPath(command, context.env)))).flat();
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
