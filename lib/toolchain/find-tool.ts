import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { EnvironmentError } from '../errors.ts';
import { cachedBinary } from './cache-entry.ts';
import { findOnPath } from './path-search.ts';
import { probeVersion } from './probe.ts';
import type { Probe } from './probe.ts';
import type { Tool } from './tool.ts';
import type { ToolSpec } from './tool-spec.ts';
import type { ToolchainContext } from './toolchain-context.ts';
import { formatRange, isInRange } from './version.ts';

type FindContext = Pick<ToolchainContext, 'env' | 'cacheDir' | 'signal'>;

/** "absent" carries why each place had none, for people: "not on PATH; not built yet". */
export type Finding =
  | { readonly kind: 'found'; readonly tool: Tool }
  | { readonly kind: 'absent'; readonly why: string; readonly target: string };

/**
 * Looks for a tool that is there already: the override, then PATH, then the cache. An override is used as given, and
 * when it does not work that is an error ("tool-unusable"), never a reason to take another.
 */
export async function findTool(spec: ToolSpec, context: FindContext): Promise<Finding> {
  const override = context.env[spec.overrideVariable];
  if (override) return { kind: 'found', tool: await useOverride(spec, override, context) };

  const onPath = await searchPath(spec, context);
  if (onPath.kind === 'found') return onPath;

  const target = await cachedBinary(spec, context.cacheDir);
  const cached = await inspectCache(spec, target, context);
  if (cached !== undefined) return { kind: 'absent', why: `${onPath.why}; ${cached}`, target };
  const why = `${onPath.why}; built before from ${spec.build.origin}`;
  return { kind: 'found', tool: { name: spec.name, version: spec.build.version, path: target, source: 'cache', why } };
}

async function useOverride(spec: ToolSpec, given: string, context: FindContext): Promise<Tool> {
  const path = resolve(given);
  const setBy = `${spec.overrideVariable}=${given}`;
  const probe = (await exists(path)) ? await probeVersion(path, spec, context) : undefined;
  if (probe === undefined || probe.kind === 'broken') {
    const reason = probe === undefined ? 'does not exist' : probe.reason;
    throw new EnvironmentError('tool-unusable', `${setBy} can't be used: ${path} ${reason}`, {
      hint: `set ${spec.overrideVariable} to a working ${spec.name} ${formatRange(spec.range)}, or unset it`,
    });
  }
  const version = probe.kind === 'version' ? probe.version : 'unknown';
  const doubt = isInRange(version, spec.range) ? '' : `, though ${doubtAbout(spec, probe)}`;
  return { name: spec.name, version, path, source: 'override', why: `set by ${spec.overrideVariable}${doubt}` };
}

async function searchPath(
  spec: ToolSpec,
  context: FindContext,
): Promise<{ readonly kind: 'found'; readonly tool: Tool } | { readonly kind: 'absent'; readonly why: string }> {
  const refused: string[] = [];
  for (const path of await findOnPath(spec.name, context.env)) {
    const probe = await probeVersion(path, spec, context);
    if (probe.kind === 'version' && isInRange(probe.version, spec.range)) {
      const why = [...refused, `on PATH and within ${formatRange(spec.range)}`].join('; ');
      return { kind: 'found', tool: { name: spec.name, version: probe.version, path, source: 'path', why } };
    }
    refused.push(`${spec.name} on PATH (${path}): ${doubtAbout(spec, probe)}`);
  }
  return { kind: 'absent', why: refused.length === 0 ? 'not on PATH' : refused.join('; ') };
}

/** Undefined when the cached build is sound; else what is wrong with it. */
async function inspectCache(spec: ToolSpec, path: string, context: FindContext): Promise<string | undefined> {
  if (!(await exists(path))) return 'not built yet';
  const probe = await probeVersion(path, spec, context);
  if (probe.kind === 'version' && probe.version === spec.build.version) return undefined;
  return `the cached build is unusable (${path}: ${describe(probe)})`;
}

function doubtAbout(spec: ToolSpec, probe: Probe): string {
  return probe.kind === 'version' ? `${probe.version} is outside ${formatRange(spec.range)}` : describe(probe);
}

function describe(probe: Probe): string {
  switch (probe.kind) {
    case 'version':
      return `says it is ${probe.version}`;
    case 'unreadable':
      return `its version can't be told from "${probe.printed}"`;
    case 'broken':
      return probe.reason;
    default:
      return probe satisfies never;
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
