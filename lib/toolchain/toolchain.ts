import { resolveSpec } from './resolve-tool.ts';
import type { Tool, ToolName } from './tool.ts';
import { TOOL_SPECS } from './tool-spec.ts';
import type { ToolchainContext } from './toolchain-context.ts';

export type { ToolchainContext };

/**
 * A tool that works on this machine, from the first of these places that has one:
 *
 * 1. what CUTOVER_K6 or CUTOVER_TOXIPROXY_SERVER names, used as given;
 * 2. PATH, in the accepted range of versions;
 * 3. the cache, where an earlier build of the pinned version is;
 * 4. a build, from Go modules that are pinned and checksummed in `modules/`; k6 takes minutes, once.
 *
 * `why` of the result says which was taken and why those before it were not. Throws EnvironmentError "tool-unusable"
 * (an override that does not work), "tool-missing" (nothing there, and no Go to build it) or "tool-build-failed", each
 * with the command that helps as its hint; AbortedError when the signal aborts.
 */
export async function resolveTool(name: ToolName, context: ToolchainContext): Promise<Tool> {
  return resolveSpec(TOOL_SPECS[name], context);
}
