/** One process at one moment. */
export interface ProcessReading {
  readonly pid: number;
  readonly parent: number;
  /** Tells a process from a later one with the same id; only ever compared. */
  readonly started: number;
  /** CPU time of its own threads so far, seconds. */
  readonly ownSeconds: number;
  /** CPU time of its children that have ended and were waited for, with theirs; 0 where the platform does not tell. */
  readonly endedChildrenSeconds: number;
  readonly rssBytes: number;
}

/** What a source used: `cpuSeconds` only ever rises. */
export interface Usage {
  readonly cpuSeconds: number;
  readonly rssBytes: number;
}

/** Reads processes of this machine. */
export interface ProcessReader {
  /** The given processes as far as they live, and all that descend from them; there may be others. */
  read(pids: ReadonlySet<number>): Promise<ReadonlyMap<number, ProcessReading>>;
}

/** Adds up a process and all that descend from it. */
export interface ProcessTree {
  /** Ids of the processes that are known to belong to it. */
  pids(): readonly number[];
  /** Takes a new reading; undefined when none of its processes lives any more. */
  update(readings: ReadonlyMap<number, ProcessReading>): Usage | undefined;
}

/**
 * A process stays in the tree when its parent ends before it. CPU time is summed by process, so that the end of one does
 * not take away what it used: the time of a child that ended between two readings moves to its parent
 * (`endedChildrenSeconds`), of which what was counted while the child lived is taken off. Memory is the sum of resident
 * sets; pages that processes share count for each.
 */
export function processTree(root: number): ProcessTree {
  let members = new Map<number, ProcessReading>();
  let seen = false;
  let cpuSeconds = 0;
  return {
    pids: () => (seen ? [...members.keys()] : [root]),
    update(readings) {
      const now = findMembers(readings, seen ? members : undefined, root);
      if (seen) cpuSeconds += usedSince(members, now);
      if (now.size > 0) seen = true;
      members = now;
      if (now.size === 0) return undefined;
      let rssBytes = 0;
      for (const reading of now.values()) rssBytes += reading.rssBytes;
      return { cpuSeconds, rssBytes };
    },
  };
}

function findMembers(
  readings: ReadonlyMap<number, ProcessReading>,
  before: ReadonlyMap<number, ProcessReading> | undefined,
  root: number,
): Map<number, ProcessReading> {
  const found = new Map<number, ProcessReading>();
  for (const pid of before?.keys() ?? [root]) {
    const reading = readings.get(pid);
    const known = before?.get(pid);
    if (reading !== undefined && (known === undefined || known.started === reading.started)) found.set(pid, reading);
  }
  let grew = found.size > 0;
  while (grew) {
    grew = false;
    for (const reading of readings.values()) {
      if (found.has(reading.pid) || !found.has(reading.parent)) continue;
      found.set(reading.pid, reading);
      grew = true;
    }
  }
  return found;
}

function usedSince(before: ReadonlyMap<number, ProcessReading>, now: ReadonlyMap<number, ProcessReading>): number {
  let own = 0;
  let ended = 0;
  for (const [pid, reading] of now) {
    const earlier = before.get(pid);
    own += reading.ownSeconds - (earlier?.ownSeconds ?? 0);
    ended += reading.endedChildrenSeconds - (earlier?.endedChildrenSeconds ?? 0);
  }
  for (const [pid, reading] of before) {
    if (!now.has(pid)) ended -= reading.ownSeconds + reading.endedChildrenSeconds;
  }
  // Below zero: an ended child's time went to nobody (its parent did not wait for it, or ended as well).
  return Math.max(0, own) + Math.max(0, ended);
}
