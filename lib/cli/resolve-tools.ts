import type { Plan } from '../plan/plan.ts';
import { cacheDir } from '../toolchain/cache-dir.ts';
import { createProgressWriter } from '../toolchain/progress-bar.ts';
import type { Tool, ToolName } from '../toolchain/tool.ts';
import { resolveTool } from '../toolchain/toolchain.ts';

/** The tools that these plans need, found or built. */
export async function resolveTools(plans: readonly Plan[], signal: AbortSignal): Promise<Tool[]> {
  const names: ToolName[] = ['k6'];
  if (plans.some((plan) => Object.keys(plan.system.edges).length > 0)) names.push('toxiproxy-server');
  using onProgress = createProgressWriter(process.stderr);
  const context = { env: process.env, cacheDir: cacheDir(process.env), signal, onProgress };
  const tools: Tool[] = [];
  for (const name of names) tools.push(await resolveTool(name, context));
  return tools;
}
