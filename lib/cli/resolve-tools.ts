import type { Plan } from '../plan/plan.ts';
import { cacheDir } from '../toolchain/cache-dir.ts';
import { createProgressWriter } from '../toolchain/progress-bar.ts';
import type { Tool, ToolName } from '../toolchain/tool.ts';
import { requireProgram } from '../toolchain/program.ts';
import { PROMETHEUS, PROMTOOL } from '../toolchain/prometheus.ts';
import { resolveTool } from '../toolchain/toolchain.ts';

/** The tools that these plans need, found or built. */
export async function resolveTools(plans: readonly Plan[], signal: AbortSignal): Promise<Tool[]> {
  const names: ToolName[] = ['k6'];
  if (plans.some((plan) => Object.keys(plan.system.edges).length > 0)) names.push('toxiproxy-server');
  using onProgress = createProgressWriter(process.stderr);
  const context = { env: process.env, cacheDir: cacheDir(process.env), signal, onProgress };
  const tools: Tool[] = [];
  // First what cannot be built: nobody should wait for k6 only to be told that.
  if (plans.some(({ alerts }) => alerts !== undefined && 'groups' in alerts.prometheus)) {
    for (const program of [PROMETHEUS, PROMTOOL]) tools.push(await requireProgram(program, context));
  }
  for (const name of names) tools.push(await resolveTool(name, context));
  return tools;
}
