import { execFile } from 'node:child_process';
import { type FileHandle, mkdtemp, open, rm, rmdir, stat, statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CleanupError, EnvironmentError } from '../../lib/errors.ts';
import { formatSize } from '../../lib/units.ts';
import type { ServiceControl, Strain } from '../service-control.ts';

/**
 * A file system in memory is mounted on the folder, in a mount namespace of the service's own, so that it is gone with the
 * service's last process; then the service starts. The folder is entered anew, should the service start in it.
 */
const MOUNT = 'mount -t tmpfs -o "size=$1,mode=0755" cutover "$2" && cd "$PWD" && shift 2 && exec "$@"';
/** Another than root may mount only as the root of a user namespace; in one inside that the service is who it was. */
const MOUNT_AS_USER =
  'mount -t tmpfs -o "size=$1,mode=0755" cutover "$2" && cd "$PWD" && ' +
  'user=$3 group=$4 && shift 4 && exec unshare --user --map-user="$user" --map-group="$group" "$@"';

const FILLER = '.cutover-filler';
const PROBE = '.cutover-probe';
const CHUNK = Buffer.alloc(1024 ** 2);
/** Share of the memory that is free, which such file systems may take: they lie in memory. */
const MAX_SHARE = 0.5;
const HINT = 'it needs `unshare` and `mount` (util-linux), and root or unprivileged user namespaces';

/** Words before a service's command, with which its data folder holds so many bytes. */
export function quotaWrapper(folder: string, sizeBytes: number): readonly string[] {
  const [user, group] = [process.getuid?.(), process.getgid?.()];
  const sizeAndFolder = [String(sizeBytes), folder];
  if (user === 0) return ['unshare', '--mount', 'sh', '-c', MOUNT, 'sh', ...sizeAndFolder];
  const namespaces = ['unshare', '--user', '--map-root-user', '--mount'];
  return [...namespaces, 'sh', '-c', MOUNT_AS_USER, 'sh', ...sizeAndFolder, String(user), String(group)];
}

/** Whether a folder can have a quota here: mounts one and leaves it. `sizeBytes` is of all that the plan wants. */
export async function canLimitDisks(
  sizeBytes: number,
): Promise<{ readonly ok: true } | { readonly ok: false; readonly reason: string; readonly hint: string }> {
  if (process.platform !== 'linux') return { ok: false, reason: 'mount namespaces are a part of Linux', hint: HINT };
  const limitBytes = MAX_SHARE * freemem();
  if (sizeBytes > limitBytes) {
    const reason = `${formatSize(sizeBytes)} in memory are more than half of what is free (${formatSize(freemem())})`;
    return { ok: false, reason, hint: 'give the fault a smaller size' };
  }
  // A folder of its own: what lies under it is hidden while it is mounted, which must not be where this process stands.
  const folder = await mkdtemp(join(tmpdir(), 'cutover-'));
  const [program = '', ...args] = quotaWrapper(folder, 4_096);
  try {
    await promisify(execFile)(program, [...args, 'true'], { timeout: 10_000 });
    return { ok: true };
  } catch (error) {
    const { stderr = '', message } = error as Error & { stderr?: string };
    return { ok: false, reason: stderr.trim() || message, hint: HINT };
  } finally {
    await rmdir(folder);
  }
}

/** Fills the data folder of a service that was started with `quotaWrapper`, seen through its own eyes. */
export function diskQuotaOf(
  service: Pick<ServiceControl, 'name' | 'pid' | 'dataFolder'>,
  hasQuota: boolean,
): Strain<number> {
  let inForce: { readonly leaveBytes: number } | undefined;

  /** Undefined while it does not run: then its file system is gone, too. */
  function inside(file: string): string | undefined {
    const pid = service.pid();
    return pid === undefined ? undefined : join(`/proc/${pid}/root`, service.dataFolder, file);
  }

  return {
    async apply(leaveBytes) {
      if (!hasQuota) {
        const message = `the data folder of service "${service.name}" has no quota: it would fill the machine`;
        throw new EnvironmentError('no-disk-quota', message);
      }
      const filler = inside(FILLER);
      if (filler === undefined) {
        throw new EnvironmentError('service-not-running', `service "${service.name}" does not run`);
      }
      inForce = { leaveBytes };
      await fill(filler, leaveBytes);
    },
    async lift() {
      if (inForce === undefined) return;
      for (const file of [FILLER, PROBE]) {
        const path = inside(file);
        if (path === undefined) continue;
        await ignoring('ENOENT', () => rm(path, { force: true }));
        // A process that has ended meanwhile has no root either.
        if ((await exists(path)) && service.pid() !== undefined) {
          throw new CleanupError(`${file} is still in the data folder of service "${service.name}"`);
        }
      }
      inForce = undefined;
    },
    async sign() {
      const probe = inside(PROBE);
      if (inForce === undefined || probe === undefined)
        return { seen: false, detail: 'its data folder was not filled' };
      const full = await isFull(probe, inForce.leaveBytes + 1);
      const size = formatSize(inForce.leaveBytes);
      return { seen: full, detail: full ? `not a byte more than ${size} can be written` : `more than ${size} is free` };
    },
  };
}

async function fill(filler: string, leaveBytes: number): Promise<void> {
  await using file = await open(filler, 'a');
  for (;;) {
    const { bavail, bsize } = await statfs(filler);
    // Whole blocks are taken: one that would be left in part is not left.
    const excess = (bavail - Math.floor(leaveBytes / bsize)) * bsize;
    if (excess <= 0 || !(await wasWritten(file, Math.min(excess, CHUNK.length)))) return;
  }
}

/** Writes so many bytes, and takes them away again. */
async function isFull(probe: string, bytes: number): Promise<boolean> {
  // Not even a name fits, where it cannot be opened.
  await using file = await ignoring('ENOSPC', () => open(probe, 'w'));
  if (file === undefined) return true;
  try {
    for (let left = bytes; left > 0; left -= CHUNK.length) {
      if (!(await wasWritten(file, Math.min(left, CHUNK.length)))) return true;
    }
    return false;
  } finally {
    await rm(probe, { force: true });
  }
}

/** False when there is no room (ENOSPC). */
async function wasWritten(file: FileHandle, bytes: number): Promise<boolean> {
  return (await ignoring('ENOSPC', () => file.appendFile(CHUNK.subarray(0, bytes)).then(() => true))) ?? false;
}

async function exists(path: string): Promise<boolean> {
  return (await ignoring('ENOENT', () => stat(path))) !== undefined;
}

async function ignoring<T>(code: string, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return undefined;
    throw error;
  }
}
