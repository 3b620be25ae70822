import type { Fault } from '../../chaos/faults/fault.ts';
import type { FaultTimes } from '../../chaos/faults/fault-kind.ts';
import { BYTE_RATE, CORES, DURATION, type Quantity, SHARE, SIZE } from './quantity.ts';

/** One kind of fault as a sweep knows it: one attribute that makes it mild or severe. */
export interface SweptKind {
  /** What it acts on; `requests` are those of an edge whose protocol the tap reads. */
  readonly on: 'connections' | 'requests' | 'service';
  /** What the intensity is, for people. */
  readonly intensity: string;
  /** Undefined where it has one intensity only. */
  readonly quantity: Quantity | undefined;
  /** Intensities that are tried, mild to severe. */
  readonly ladder: readonly string[];
  /** Over gRPC one connection carries everything: a share of the connections would be all or nothing. */
  readonly ofConnections?: true;
  /** The smallest and the largest value that make sense. */
  readonly least?: number;
  readonly most?: number;
  fault(value: number, where: Where): Fault;
}

export interface Where extends FaultTimes {
  readonly edge: string;
  /** The callee; faults on services are on it. */
  readonly service: string;
  readonly protocol: 'http' | 'grpc' | 'tcp';
  readonly seed: number;
}

const SHARES = ['1%', '5%', '20%', '50%', '100%'];
const CONNECTION_SHARES = ['5%', '20%', '50%', '100%'];
/** An edge that flaps goes down once in this time. */
const FLAPPING_PERIOD_MS = 1_000;
const LEAST_DOWN = 0.01;
const MOST_DOWN = 0.9;
/** Toxiproxy takes whole milliseconds and whole kB/s. */
const WHOLE_MS = 1;
const WHOLE_KB = 1_000;
/** Pieces that the slicer makes. */
const PIECE_BYTES = 64;
const UNAVAILABLE = { http: 503, grpc: 14, tcp: 503 } as const;

/** The kinds in the order in which they are asked about, so that a short time answers for those that tell most. */
export const SWEPT_KINDS = {
  latency: {
    on: 'connections',
    intensity: 'how late each reply is',
    quantity: DURATION,
    ladder: ['5ms', '20ms', '50ms', '100ms', '200ms', '500ms', '1s', '2s'],
    least: WHOLE_MS,
    fault: (latencyMs, where) => ({ kind: 'latency', ...onStream(where), latencyMs, jitterMs: 0 }),
  },
  'request-fail': {
    on: 'requests',
    intensity: 'share of the requests that are answered with 503 (UNAVAILABLE over gRPC)',
    quantity: SHARE,
    ladder: SHARES,
    fault: (share, where) => ({
      kind: 'request-fail',
      ...onRequests(share, where),
      status: UNAVAILABLE[where.protocol],
    }),
  },
  'request-hang': {
    on: 'requests',
    intensity: 'share of the requests that are never answered',
    quantity: SHARE,
    ladder: SHARES,
    fault: (share, where) => ({ kind: 'request-hang', ...onRequests(share, where) }),
  },
  bandwidth: {
    on: 'connections',
    intensity: 'what each connection carries',
    quantity: BYTE_RATE,
    ladder: ['1MB/s', '300kB/s', '100kB/s', '30kB/s', '10kB/s', '1kB/s'],
    least: WHOLE_KB,
    fault: (bytesPerSecond, where) => ({ kind: 'bandwidth', ...onStream(where), bytesPerSecond }),
  },
  timeout: {
    on: 'connections',
    intensity: 'share of the connections on which nothing comes through',
    quantity: SHARE,
    ladder: CONNECTION_SHARES,
    ofConnections: true,
    fault: (connections, where) => ({ kind: 'timeout', ...onStream(where), connections, closeAfterMs: 0 }),
  },
  reset: {
    on: 'connections',
    intensity: 'share of the connections that are reset',
    quantity: SHARE,
    ladder: CONNECTION_SHARES,
    ofConnections: true,
    fault: (connections, where) => ({ kind: 'reset', ...onStream(where), connections, afterMs: 0 }),
  },
  down: {
    on: 'connections',
    intensity: 'the whole time',
    quantity: undefined,
    ladder: [''],
    fault: (_value, where) => ({ kind: 'down', ...onEdge(where) }),
  },
  flapping: {
    on: 'connections',
    intensity: 'how much of each second the edge is down',
    quantity: SHARE,
    ladder: ['10%', '30%', '60%'],
    least: LEAST_DOWN,
    most: MOST_DOWN,
    fault: (share, where) => {
      const downMs = Math.round(share * FLAPPING_PERIOD_MS);
      return { kind: 'flapping', ...onEdge(where), downMs, upMs: FLAPPING_PERIOD_MS - downMs };
    },
  },
  'slow-close': {
    on: 'connections',
    intensity: 'how late connections close',
    quantity: DURATION,
    ladder: ['100ms', '1s', '5s'],
    least: WHOLE_MS,
    fault: (delayMs, where) => ({ kind: 'slow-close', ...onStream(where), delayMs }),
  },
  'limit-data': {
    on: 'connections',
    intensity: 'what each connection carries before it is closed',
    quantity: SIZE,
    ladder: ['100kB', '10kB', '1kB'],
    fault: (bytes, where) => ({ kind: 'limit-data', ...onStream(where), bytes }),
  },
  slicer: {
    on: 'connections',
    intensity: `how far apart pieces of ${PIECE_BYTES} bytes are`,
    quantity: DURATION,
    ladder: ['1ms', '10ms', '50ms'],
    fault: (delayMs, where) => ({
      kind: 'slicer',
      ...onStream(where),
      averageBytes: PIECE_BYTES,
      variationBytes: 0,
      delayMs,
    }),
  },
  pause: {
    on: 'service',
    intensity: 'how long the service stands still',
    quantity: DURATION,
    ladder: ['200ms', '1s', '5s'],
    fault: (forMs, where) => ({
      kind: 'pause',
      ...onService(where),
      endMs: Math.min(where.endMs, where.startMs + forMs),
    }),
  },
  kill: {
    on: 'service',
    intensity: 'the whole time',
    quantity: undefined,
    ladder: [''],
    fault: (_value, where) => ({ kind: 'kill', ...onService(where) }),
  },
  'cpu-pressure': {
    on: 'service',
    intensity: 'what the service gets at most',
    quantity: CORES,
    ladder: ['1 core', '0.5 cores', '0.2 cores', '0.1 cores', '0.05 cores'],
    fault: (cores, where) => ({ kind: 'cpu-pressure', ...onService(where), cores }),
  },
} as const satisfies Record<string, SweptKind>;

export type SweptKindName = keyof typeof SWEPT_KINDS;

export const KIND_NAMES = Object.keys(SWEPT_KINDS) as readonly SweptKindName[];

export function kindOf(name: SweptKindName): SweptKind {
  return SWEPT_KINDS[name];
}

function onEdge({ name, edge, startMs, endMs }: Where) {
  return { name, edge, startMs, endMs };
}

function onStream(where: Where) {
  return { ...onEdge(where), direction: 'replies' as const, connections: 1 };
}

function onRequests(share: number, where: Where) {
  return { ...onEdge(where), seed: where.seed, ...(share === 1 ? {} : { share }) };
}

function onService({ name, service, startMs, endMs }: Where) {
  return { name, service, startMs, endMs };
}
