import { existsSync } from 'node:fs';
import { copyFile, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { resolve as resolvePath } from 'node:path';
import { CleanupError, EnvironmentError } from '../errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { RouteFile } from '../plan/schema/system.ts';
import { type HookCall, callHook } from './hook.ts';
import type { Mode } from './traffic-switch.ts';

/** Beside the file: what it held before the first run that has not put it back. */
const BACKUP = '.cutover-before';

/** Files of routes that were written during a run. Disposing of it puts back what they held, and has them read again. */
export interface RouteFiles extends AsyncDisposable {
  /** EnvironmentError(call.code): there is no such file, or it could not be written or read again. */
  write(routes: RouteFile, mode: Mode, call: HookCall): Promise<void>;
}

interface Written {
  readonly path: string;
  readonly before: Buffer;
  readonly reload: RouteFile['reload'];
  readonly call: HookCall;
}

/**
 * Each file is written whole and moved into place, so that a proxy never reads half of it. What it held before stands beside it
 * (".cutover-before") until it is back: a harness that was killed in between leaves that to the next run.
 */
export function routeFiles(journal: Journal): RouteFiles {
  const written = new Map<string, Written>();
  return {
    async write({ file, template, reload }, mode, call) {
      const path = await existing(resolvePath(call.root, call.resolve(file)), call);
      if (!written.has(path)) written.set(path, { path, before: await keep(path, journal), reload, call });
      await replace(path, Buffer.from(call.resolve(textFor(template, mode))));
      await callHook(reload, call);
    },
    async [Symbol.asyncDispose]() {
      const failures: string[] = [];
      for (const routes of written.values()) {
        await putBack(routes).then(
          () => journal.record('routes-restored', { file: routes.path }),
          (error: Error) => failures.push(error.message),
        );
      }
      written.clear();
      if (failures.length === 0) return;
      throw new CleanupError(failures.join('\n'), {
        hint: `what it held before stands beside it, ending in ${BACKUP}`,
      });
    },
  };
}

function textFor(template: RouteFile['template'], mode: Mode): string {
  if (typeof template === 'string') return template;
  return mode === 'canary' || mode === 'full' ? template[mode] : template.off;
}

/** A link stays one: what it points to is written. */
async function existing(path: string, { code, what }: HookCall): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw new EnvironmentError(code, `${what}: no file ${path}`, {
      hint: 'the proxy reads it: it must be there, with the routes of the baseline',
      cause,
    });
  }
}

/** What the file held before, also where a run that was killed has left its own routes in it. */
async function keep(path: string, journal: Journal): Promise<Buffer> {
  const backup = `${path}${BACKUP}`;
  if (existsSync(backup)) journal.record('routes-left-behind', { file: path });
  else await copyFile(path, backup);
  return await readFile(backup);
}

async function putBack({ path, before, reload, call }: Written): Promise<void> {
  await replace(path, before);
  if (!before.equals(await readFile(path))) throw new Error(`${path} does not hold what it held before`);
  // The run may have been stopped by the user: this has to be done all the same.
  await callHook(reload, { ...call, what: 'routes as before', signal: new AbortController().signal });
  await rm(`${path}${BACKUP}`);
}

async function replace(path: string, content: Buffer): Promise<void> {
  const draft = `${path}.cutover-new`;
  const file = await open(draft, 'w', (await stat(path)).mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}
