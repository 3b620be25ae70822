import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ToolSpec } from './tool-spec.ts';

/** Everything of one tool in the cache: finished builds, the lock, and what is being built. */
export function toolFolder(spec: ToolSpec, cacheDir: string): string {
  return join(cacheDir, 'tools', spec.name);
}

/**
 * Where the pinned build of a tool is, or will be: `<cache>/tools/<name>/<version>-<hash>/<name>`. The hash is of
 * everything that makes up the program: the module's files, what is built of them and for which machine. The version of
 * Go is left out on purpose: a cache must serve a machine without Go too (a CI runner that restores one), and outlive
 * an update of Go.
 */
export async function cachedBinary(spec: ToolSpec, cacheDir: string): Promise<string> {
  const { moduleFolder, package: goPackage, linkerFlags, version } = spec.build;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([process.platform, process.arch, goPackage, linkerFlags]));
  for (const file of (await readdir(moduleFolder)).toSorted()) {
    const content = await readFile(join(moduleFolder, file));
    hash.update(JSON.stringify([file, content.length])).update(content);
  }
  return join(toolFolder(spec, cacheDir), `${version}-${hash.digest('hex').slice(0, 16)}`, spec.name);
}
