import { AbortedError, CutoverError, EnvironmentError } from '../errors.ts';
import { buildTool } from './build.ts';
import { toolFolder } from './cache-entry.ts';
import { findTool } from './find-tool.ts';
import { findGo } from './go.ts';
import { acquireLock } from './lock.ts';
import type { Tool } from './tool.ts';
import type { ToolSpec } from './tool-spec.ts';
import type { ToolchainContext } from './toolchain-context.ts';

/** As `resolveTool()`, for any spec. */
export async function resolveSpec(spec: ToolSpec, context: ToolchainContext): Promise<Tool> {
  try {
    return await findOrBuild(spec, context);
  } catch (error) {
    if (context.signal.aborted) throw new AbortedError(`stopped while getting ${spec.name} ready`, { cause: error });
    if (error instanceof CutoverError) throw error;
    // The file system: a cache that can't be written, a full disk.
    const message = `${spec.name} could not be put into ${context.cacheDir}: ${error instanceof Error ? error.message : String(error)}`;
    throw new EnvironmentError('tool-build-failed', message, {
      cause: error,
      hint: 'free some space there, or set CUTOVER_CACHE to a folder that can be written',
    });
  }
}

async function findOrBuild(spec: ToolSpec, context: ToolchainContext): Promise<Tool> {
  const before = await findTool(spec, context);
  if (before.kind === 'found') return before.tool;
  const go = await findGo(spec, before.why, context);

  await using held = new AsyncDisposableStack();
  const lock = await acquireLock(toolFolder(spec, context.cacheDir), {
    signal: context.signal,
    onWait: () => context.onProgress({ tool: spec.name, phase: 'wait', done: 0, total: 0 }),
  });
  held.use(lock);
  // Whoever held the lock until now may have built it.
  const now = await findTool(spec, context);
  if (now.kind === 'found') return now.tool;
  await buildTool(spec, now.target, go, context);
  return {
    name: spec.name,
    version: spec.build.version,
    path: now.target,
    source: 'built',
    why: `${now.why}; built now from ${spec.build.origin} with Go ${go.version}`,
  };
}
