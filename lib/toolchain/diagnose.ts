import { join } from 'node:path';
import { AbortedError, CutoverError } from '../errors.ts';
import type { Diagnosis, DiagnosisItem } from './diagnosis.ts';
import { findTool } from './find-tool.ts';
import { findGo, goLine, waysToGet } from './go.ts';
import { diagnoseProgram } from './program.ts';
import { listPrograms } from './programs.ts';
import { resolveSpec } from './resolve-tool.ts';
import type { Tool } from './tool.ts';
import { TOOL_SPECS } from './tool-spec.ts';
import type { ToolSpec } from './tool-spec.ts';
import type { ToolchainContext } from './toolchain-context.ts';
import { formatRange, isInRange } from './version.ts';

const BUILD_COMMAND = 'cutover doctor';
// As package.json's engines.
const NODE_RANGE = { atLeast: '24.0.0' } as const;

/**
 * What this machine has and lacks. With `build`, missing tools are built; without it nothing is changed. What is
 * missing is an item with a fix, not an error; only AbortedError is thrown, when the signal aborts.
 */
export async function diagnose(context: ToolchainContext, options: { readonly build: boolean }): Promise<Diagnosis> {
  const items: DiagnosisItem[] = [diagnoseNode()];
  // One after the other: two builds at once would only be slower.
  for (const spec of Object.values(TOOL_SPECS)) items.push(await diagnoseTool(spec, context, options.build));
  for (const program of await listPrograms()) items.push(await diagnoseProgram(program, context));
  const ok = items.every((item) => item.status === 'ok' || item.need !== 'required');
  return { ok, cacheDir: context.cacheDir, items };
}

/** As one item of a diagnosis, for any spec. */
export async function diagnoseTool(spec: ToolSpec, context: ToolchainContext, build: boolean): Promise<DiagnosisItem> {
  try {
    if (build) return present(await resolveSpec(spec, context));
    const finding = await findTool(spec, context);
    return finding.kind === 'found' ? present(finding.tool) : await buildable(spec, finding.why, context);
  } catch (error) {
    if (context.signal.aborted) throw new AbortedError('stopped while looking at this machine', { cause: error });
    if (!(error instanceof CutoverError)) throw error;
    const status = error.code === 'tool-missing' ? 'missing' : 'unusable';
    return absent(spec, status, error.message, error.hint ?? (await hintFor(spec)));
  }
}

async function buildable(spec: ToolSpec, why: string, context: ToolchainContext): Promise<DiagnosisItem> {
  const go = await findGo(spec, why, context);
  return absent(spec, 'missing', `${why}; the first run builds it with Go ${go.version}`, BUILD_COMMAND);
}

async function hintFor(spec: ToolSpec): Promise<string> {
  return waysToGet(spec, await goLine(join(spec.build.moduleFolder, 'go.mod')));
}

function present({ name, version, path, source, why }: Tool): DiagnosisItem {
  return { name, need: 'required', usedFor: 'every run', status: 'ok', version, path, source, why, fix: null };
}

function absent(spec: ToolSpec, status: 'missing' | 'unusable', why: string, fix: string): DiagnosisItem {
  const { name } = spec;
  const none = { version: null, path: null, source: null } as const;
  return { name, need: 'required', usedFor: 'every run', status, ...none, why, fix };
}

function diagnoseNode(): DiagnosisItem {
  const { version, execPath: path } = process;
  const enough = isInRange(version, NODE_RANGE);
  return {
    name: 'node',
    need: 'required',
    usedFor: 'every run',
    status: enough ? 'ok' : 'unusable',
    version: version.replace(/^v/, ''),
    path,
    source: 'running',
    why: enough ? 'runs this command' : `runs this command, and is outside ${formatRange(NODE_RANGE)}`,
    fix: enough ? null : 'install Node 24: https://nodejs.org/en/download',
  };
}
