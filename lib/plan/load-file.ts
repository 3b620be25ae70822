import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseDocument } from 'yaml';
import { PlanError } from './problem.ts';

const MODULE_EXTENSIONS = new Set(['.ts', '.mts', '.js', '.mjs']);
const DATA_EXTENSIONS = new Set(['.json', '.yaml', '.yml']);

/** Reads an input file as the plain value it holds: a module's default export, or a JSON or YAML document. */
export async function loadFile(path: string): Promise<unknown> {
  const extension = extname(path);
  if (MODULE_EXTENSIONS.has(extension)) return loadModule(path);
  if (DATA_EXTENSIONS.has(extension)) return loadData(path);
  throw new PlanError([
    { file: path, path: '', message: `cannot read "${extension}" files`, hint: 'use .ts, .js, .json or .yaml' },
  ]);
}

async function loadModule(path: string): Promise<unknown> {
  let module: { readonly default?: unknown };
  try {
    // The modification time in the URL, so that a file that changed is not served from the module cache.
    const { mtimeMs } = await stat(path);
    module = (await import(`${pathToFileURL(path).href}?mtime=${mtimeMs}`)) as { default?: unknown };
  } catch (error) {
    throw new PlanError([{ file: path, path: '', message: `cannot be loaded: ${describeLoadError(error, path)}` }]);
  }
  if (module.default === undefined) {
    throw new PlanError([
      { file: path, path: '', message: 'has no default export', hint: 'write `export default { … }`' },
    ]);
  }
  return module.default;
}

async function loadData(path: string): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new PlanError([{ file: path, path: '', message: `cannot be read: ${describeLoadError(error, path)}` }]);
  }
  // JSON is YAML: one parser gives line and column for both.
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new PlanError(
      document.errors.map((error) => ({
        file: path,
        path: '',
        message: error.message.trim().replaceAll('\n', '\n  '),
      })),
    );
  }
  return document.toJS() as unknown;
}

function describeLoadError(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  // A syntax error's position stands only in the stack's first line: "/…/x.ts:12", or the same as a file: URL.
  const position = /^(?:file:\/\/)?\/\S+:(\d+)\n/.exec(error.stack ?? '')?.[1];
  const code = (error as NodeJS.ErrnoException).code;
  const message = code === 'ENOENT' ? 'no such file' : error.message.replaceAll(pathToFileURL(path).href, path);
  return position === undefined ? message : `line ${position}: ${message}`;
}
