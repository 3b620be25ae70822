import type { Fault } from '../../chaos/faults/fault.ts';
import type { FaultTimes, OnEdge, OnService, Ramp } from '../../chaos/faults/fault-kind.ts';
import { GRPC_CODES } from '../../chaos/grpc-codes.ts';
import { suggest } from './nearest.ts';
import type { FaultInput } from './schema/faults.ts';
import type { Edge } from './schema/system.ts';

type Attributes = {
  [F in Fault as F['kind']]: Omit<F, keyof FaultTimes | keyof OnEdge | keyof OnService>;
}[Fault['kind']];
type ReportAttribute = (attribute: string, value: unknown, message: string, hint?: string) => void;

/** A fault's own attributes with their units in their names, checked where they depend on one another or on the edge. */
export function attributesOf(
  fault: FaultInput,
  seed: number,
  edge: Pick<Edge, 'protocol'> | undefined,
  report: ReportAttribute,
): Attributes {
  switch (fault.kind) {
    case 'latency': {
      const { value, ramp } = moving(fault.latency, Math.max);
      if (value === 0) report('latency', fault.latency, 'must be longer than 0');
      return { kind: fault.kind, ...stream(fault, edge, report), latencyMs: value, ...ramp, jitterMs: fault.jitter };
    }
    case 'bandwidth': {
      const { value, ramp } = moving(fault.rate, Math.min);
      if (value < 1_000) report('rate', fault.rate, 'must be at least 1kB', 'Toxiproxy counts in whole kB a second');
      return { kind: fault.kind, ...stream(fault, edge, report), bytesPerSecond: value, ...ramp };
    }
    case 'slow-close':
      return { kind: fault.kind, ...stream(fault, edge, report), delayMs: fault.delay };
    case 'timeout':
      return { kind: fault.kind, ...stream(fault, edge, report), closeAfterMs: fault.closeAfter };
    case 'reset':
      return { kind: fault.kind, ...stream(fault, edge, report), afterMs: fault.after };
    case 'slicer': {
      const { average, variation, delay } = fault;
      // Toxiproxy draws from the range of the variation, and ends with a panic when the piece would be empty.
      if (variation >= average) report('variation', variation, `must be less than the average (${average} bytes)`);
      return {
        kind: fault.kind,
        ...stream(fault, edge, report),
        averageBytes: average,
        variationBytes: variation,
        delayMs: delay,
      };
    }
    case 'limit-data':
      return { kind: fault.kind, ...stream(fault, edge, report), bytes: fault.bytes };
    case 'down':
      return { kind: fault.kind };
    case 'flapping':
      return { kind: fault.kind, downMs: fault.down, upMs: fault.up };
    case 'request-fail':
      return {
        kind: fault.kind,
        ...requests(fault, seed, edge, report),
        status: statusOf(fault.with, edge, report),
      };
    case 'request-delay':
      return {
        kind: fault.kind,
        ...requests(fault, seed, edge, report),
        delayMs: fault.delay,
        jitterMs: fault.jitter,
      };
    case 'request-hang':
    case 'request-cut':
      return { kind: fault.kind, ...requests(fault, seed, edge, report) };
    case 'kill':
    case 'terminate':
    case 'restart':
    case 'pause':
      return { kind: fault.kind };
    case 'cpu-pressure': {
      const { value, ramp } = moving(fault.cores, Math.min);
      return { kind: fault.kind, cores: value, ...ramp };
    }
    case 'memory-pressure':
      return { kind: fault.kind, limitBytes: fault.limit };
    case 'disk-full':
      if (fault.leave >= fault.size) report('leave', fault.leave, `must be less than the size (${fault.size} bytes)`);
      return { kind: fault.kind, sizeBytes: fault.size, leaveBytes: fault.leave };
    default:
      return fault satisfies never;
  }
}

/** What the attribute is at its worst, and how it moves. */
function moving(
  input: number | Ramp,
  worst: (a: number, b: number) => number,
): { value: number; ramp: { ramp?: Ramp } } {
  if (typeof input === 'number') return { value: input, ramp: {} };
  return { value: worst(input.from, input.to), ramp: { ramp: input } };
}

type StreamInput = Extract<FaultInput, { connections: number }>;

function stream(
  { direction, connections }: StreamInput,
  edge: Pick<Edge, 'protocol'> | undefined,
  report: ReportAttribute,
) {
  if (edge?.protocol === 'grpc' && connections < 1) {
    const hint = 'it would hit all requests of a connection or none; `request-…` faults take a `share` of the requests';
    report('connections', connections, 'must be 100% on a gRPC edge, where one connection carries everything', hint);
  }
  return { direction, connections };
}

type RequestInput = Extract<FaultInput, { kind: `request-${string}` }>;

function requests(
  { operations, first, pattern, share }: RequestInput,
  seed: number,
  edge: Pick<Edge, 'protocol'> | undefined,
  report: ReportAttribute,
) {
  if (edge?.protocol === 'tcp') {
    const hint = 'set `protocol` of the edge to "http" or "grpc"';
    report('edge', undefined, 'carries bytes of an unknown protocol: it has no requests', hint);
  }
  const chosen = Object.entries({ first, pattern, share }).filter(([, value]) => value !== undefined);
  if (chosen.length > 1) {
    const names = chosen.map(([name]) => `\`${name}\``).join(' and ');
    report(chosen[1]?.[0] ?? '', chosen[1]?.[1], `cannot be together: ${names}`, 'keep one of them');
  }
  if (pattern !== undefined && pattern.count >= pattern.of) {
    report('pattern', pattern, 'must have a `count` below `of`', 'without a pattern all are hit');
  }
  return {
    ...(operations === undefined ? {} : { operations }),
    ...(first === undefined ? {} : { first }),
    ...(pattern === undefined ? {} : { pattern }),
    ...(share === undefined || share === 1 ? {} : { share }),
    seed,
  };
}

function statusOf(status: number | string, edge: Pick<Edge, 'protocol'> | undefined, report: ReportAttribute): number {
  if (edge?.protocol !== 'grpc') {
    if (typeof status === 'number') return status;
    report('with', status, 'must be an HTTP status on an HTTP edge', 'for example 503');
    return 503;
  }
  const code = typeof status === 'string' ? GRPC_CODES[status] : undefined;
  if (code !== undefined && code !== 0) return code;
  const names = Object.keys(GRPC_CODES).filter((name) => name !== 'OK');
  const hint = typeof status === 'string' ? suggest(status, names) : 'for example "UNAVAILABLE"';
  report('with', status, 'must be a gRPC code other than OK on a gRPC edge', hint);
  return 14;
}
