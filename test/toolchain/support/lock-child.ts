/**
 * Takes the lock of folder argv[2] argv[3] times, adding one to the number in its file "counter" by reading and writing
 * under each; with argv[3] "forever", takes it once and keeps it. Prints "held" at each.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { acquireLock } from '../../../lib/toolchain/lock.ts';

const folder = process.argv[2] ?? '';
const forever = process.argv[3] === 'forever';
const rounds = forever ? 1 : Number(process.argv[3]);
const counter = join(folder, 'counter');
for (let round = 0; round < rounds; round += 1) {
  const lock = await acquireLock(folder, { signal: new AbortController().signal });
  process.stdout.write('held\n');
  if (forever) await new Promise((resolve) => process.stdin.once('end', resolve).resume());
  const value = Number(await readFile(counter, 'utf8').catch(() => '0'));
  await writeFile(counter, String(value + 1));
  await lock[Symbol.asyncDispose]();
}
