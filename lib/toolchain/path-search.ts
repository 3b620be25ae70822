import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';

/** Every executable file of that name on PATH, absolute, in PATH's order and each once. */
export async function findOnPath(name: string, env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const candidates = [...new Set(folders.map((folder) => resolve(folder, name)))];
  const executable = await Promise.all(candidates.map(isExecutableFile));
  return candidates.filter((_, index) => executable[index]);
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
