import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** What a command's first word stands for: a path to run, or why there is none. */
export type Executable =
  | { readonly state: 'found'; readonly path: string }
  | { readonly state: 'missing' }
  | { readonly state: 'not-executable'; readonly path: string };

/** As execvp(3) finds it: a word with a slash is a path (from `cwd`), any other is looked up in the folders of `searchPath`. */
export function findExecutable(word: string, cwd: string, searchPath = '/usr/bin:/bin'): Executable {
  const candidates = word.includes('/')
    ? [resolve(cwd, word)]
    : searchPath.split(delimiter).map((folder) => resolve(cwd, join(folder, word)));
  let unusable: string | undefined;
  for (const path of candidates) {
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) continue;
    if (canExecute(path)) return { state: 'found', path };
    unusable ??= path;
  }
  return unusable === undefined ? { state: 'missing' } : { state: 'not-executable', path: unusable };
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
