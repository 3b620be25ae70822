import { type Fault, isRequestFault, isServiceFault } from './faults/fault.ts';

export interface Conflict {
  readonly a: Fault;
  readonly b: Fault;
  readonly why: string;
}

/** Pairs of faults that cannot be in force at the same time, each pair once. */
export function findConflicts(faults: readonly Fault[]): readonly Conflict[] {
  return faults.flatMap((a, index) =>
    faults.slice(index + 1).flatMap((b) => {
      const why = a.startMs < b.endMs && b.startMs < a.endMs ? conflict(a, b) : undefined;
      return why === undefined ? [] : [{ a, b, why }];
    }),
  );
}

function conflict(a: Fault, b: Fault): string | undefined {
  if (isServiceFault(a) || isServiceFault(b)) {
    if (!isServiceFault(a) || !isServiceFault(b) || a.service !== b.service) return undefined;
    // Its limits may overlap; a process that is gone or stands still has nothing that could be limited.
    return isPressure(a) && isPressure(b) && a.kind !== b.kind
      ? undefined
      : 'are on the same service at the same time, and one would undo the other';
  }
  // Rules of a tap stand side by side, and before the proxy.
  if (a.edge !== b.edge || isRequestFault(a) || isRequestFault(b)) return undefined;
  if ([a, b].some(({ kind }) => kind === 'down' || kind === 'flapping')) {
    return 'are on the same edge at the same time, and nothing passes that the other could act on';
  }
  if (a.kind !== b.kind) return undefined;
  const [one, other] = [a, b].map((fault) => ('direction' in fault ? fault.direction : ''));
  return one === other
    ? 'are on the same edge at the same time, and would be one fault with the attributes of the later'
    : undefined;
}

function isPressure({ kind }: Fault): boolean {
  return kind === 'cpu-pressure' || kind === 'memory-pressure' || kind === 'disk-full';
}
