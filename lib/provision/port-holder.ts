import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

/** 'pid 123 (postgres -D …)': who listens on a TCP port, read from /proc; undefined where that cannot be seen. */
export function findPortHolder(port: number): string | undefined {
  const sockets = new Set([...listeners('/proc/net/tcp', port), ...listeners('/proc/net/tcp6', port)]);
  if (sockets.size === 0) return undefined;
  for (const pid of list('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const holds = list(`/proc/${pid}/fd`).some((fd) => sockets.has(link(`/proc/${pid}/fd/${fd}`)));
    if (holds) return `pid ${pid} (${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 100)})`;
  }
  return undefined;
}

/** Links ("socket:[123]") of the sockets in state LISTEN (0A) on a port; proc(5), /proc/net/tcp. */
function listeners(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return read(table)
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === '0A')
    .map((fields) => `socket:[${fields[9]}]`);
}

function read(path: string): string {
  return attempt(() => readFileSync(path, 'utf8')) ?? '';
}

function list(path: string): string[] {
  return attempt(() => readdirSync(path)) ?? [];
}

function link(path: string): string {
  return attempt(() => readlinkSync(path)) ?? '';
}

/** Processes end, and others' files may be closed to us, while this looks at them. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch {
    return undefined;
  }
}
