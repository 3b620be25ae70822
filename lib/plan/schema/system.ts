import { z } from 'zod';
import { nameSchema, positiveDurationMsSchema } from './quantities.ts';
import { envSchema } from './load.ts';

/** How to tell that a service is ready: the first of these that answers well. Strings may hold placeholders. */
export const readySchema = z.union(
  [
    z.strictObject({ http: z.string().min(1), timeout: positiveDurationMsSchema.default(30_000) }),
    z.strictObject({
      grpc: z.string().min(1),
      service: z.string().default(''),
      timeout: positiveDurationMsSchema.default(30_000),
    }),
    z.strictObject({ tcp: z.string().min(1), timeout: positiveDurationMsSchema.default(30_000) }),
  ],
  { error: 'must be { http: url }, { grpc: "host:port" } or { tcp: "host:port" }' },
);

const buildSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1),
  cwd: z.string().optional(),
  env: envSchema.default({}),
  /** The file that the build makes; `{{artifact}}` in the service's command stands for the run's own copy of it. */
  artifact: z.string().min(1),
  timeout: positiveDurationMsSchema.default(900_000),
});

const observed = {
  ready: readySchema.optional(),
  /** URL of Prometheus text metrics, scraped once a second. */
  metrics: z.string().min(1).optional(),
};

/** A service that the harness starts as a child process, and stops. */
export const processServiceSchema = z.strictObject({
  process: z.strictObject({
    command: z.array(z.string().min(1)).min(1),
    cwd: z.string().optional(),
    env: envSchema.default({}),
    build: buildSchema.optional(),
    /** SIGTERM first; SIGKILL after this long. */
    stopTimeout: positiveDurationMsSchema.default(10_000),
  }),
  /** Named ports: a free one is chosen for each, `{{service.port}}` stands for "127.0.0.1:NNNN". A number fixes it. */
  ports: z.union([z.array(nameSchema), z.record(nameSchema, z.number().int().min(1).max(65_535))]).default([]),
  ...observed,
});

/** A service that runs already; the harness only reaches it. `{{service}}` stands for its URL. */
export const urlServiceSchema = z.strictObject({
  url: z.url({ protocol: /^(https?|grpc)$/, error: 'must be a URL such as "http://127.0.0.1:8080"' }),
  ...observed,
});

export const serviceSchema = z.union([processServiceSchema, urlServiceSchema], {
  error: 'must have either `process` (the harness starts it) or `url` (it runs already)',
});

export const edgeSchema = z.strictObject({
  /** Who calls; a service's name, or "client" for the load generator. */
  from: z.string().min(1),
  /** Who is called: "service.port", or "host:port". */
  to: z.string().min(1),
  protocol: z.enum(['http', 'grpc', 'tcp']).default('tcp'),
  /** Where the proxy listens; default: a free port of 127.0.0.1. `{{edge.<name>}}` stands for it. */
  listen: z.string().optional(),
  /** How requests on the edge are read where a drill or a fault needs its tap; gRPC's own deadline is known. */
  tap: z
    .strictObject({
      /** Beside the caller it sees what the caller sends and gets; beside the callee what arrives through the proxy's faults. */
      side: z.enum(['caller', 'callee']).default('caller'),
      /** The HTTP header in which callers say how many milliseconds they will wait. */
      timeoutHeader: z.string().min(1).optional(),
      /** Where calls carry their idempotency key; over gRPC it may be a text field of the message, by its number. */
      idempotencyKey: z
        .union([
          z.strictObject({ header: z.string().min(1) }),
          z.strictObject({ field: z.number().int().min(1), operations: z.array(z.string().min(1)).min(1) }),
        ])
        .optional(),
    })
    .prefault({}),
  /** A counter of the caller's that moves when a fault on the edge is felt: proof for HRN-4. */
  evidence: z
    .strictObject({
      service: nameSchema,
      metric: z.string().min(1),
      labels: z.record(z.string(), z.string()).default({}),
    })
    .optional(),
});

/** An HTTP call; anything but 2xx is its failure. */
export const httpCallSchema = z.strictObject({
  method: z.enum(['GET', 'PUT', 'POST', 'PATCH', 'DELETE']).default('GET'),
  url: z.string().min(1),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
});

/** A command that is run in the config's folder; any exit code but 0 is its failure. */
export const commandCallSchema = z.strictObject({
  command: z.array(z.string().min(1)).min(1),
  env: envSchema.default({}),
});

/** Something that is done to the system from outside: an HTTP call or a command. */
export const hookSchema = z.union([httpCallSchema, commandCallSchema], {
  error: 'must be an HTTP call { url, … } or a command { command: [...] }',
});

/** A hook whose answer (the body, or what the command prints) is JSON, and where in it the value stands. */
export const readHookSchema = z.union(
  [
    z.strictObject({ ...httpCallSchema.shape, pointer: z.string().startsWith('/') }),
    z.strictObject({ ...commandCallSchema.shape, pointer: z.string().startsWith('/') }),
  ],
  { error: 'must be an HTTP call or a command, with a `pointer` such as "/share"' },
);

/**
 * A file of routes that a proxy reads. All of it is written from the template, in which `{{share}}` stands for the candidate's share,
 * `{{rest}}` for the baseline's and `{{mode}}` for the mode; `{{share.<capability>}}` and so on where there are several.
 */
const routeFileSchema = z.strictObject({
  /** Relative to the config; it must be there, and is as it was when the run has ended. */
  file: z.string().min(1),
  /** One for all, or where a proxy knows no share of 0 or 100 (NGINX's split_clients) one for each: `off` is also shadow's and dual's. */
  template: z.union([
    z.string().min(1),
    z.strictObject({ off: z.string().min(1), canary: z.string().min(1), full: z.string().min(1) }),
  ]),
  /** Has the proxy read it. */
  reload: hookSchema,
});

/** How traffic is moved. `{{capability}}`, `{{mode}}`, `{{share}}` and `{{rest}}` (100 − share) stand for what is asked for. */
export const trafficSwitchSchema = z.strictObject({
  capabilities: z.array(nameSchema).min(1),
  set: z.union([hookSchema, routeFileSchema], {
    error: 'must be an HTTP call { url, … }, a command { command: [...] } or a file { file, template, reload }',
  }),
  /** Read-back: the JSON value at `pointer` must equal the share (0–100). */
  read: readHookSchema,
  /** Sends everything back to the baseline at once, whatever the shares say. */
  kill: z
    .strictObject({
      engage: hookSchema,
      release: hookSchema,
      /** Read-back: true while it is engaged. */
      read: readHookSchema,
    })
    .optional(),
});

export const systemSchema = z.strictObject({
  services: z
    .record(nameSchema, serviceSchema)
    .refine((services) => Object.keys(services).length > 0, 'must name at least one service'),
  edges: z.record(nameSchema, edgeSchema).default({}),
  /** One, or one for each caller that decides by itself. */
  trafficSwitch: z.union([trafficSwitchSchema, z.array(trafficSwitchSchema).min(1)]).optional(),
});

export type System = z.output<typeof systemSchema>;
export type ProcessService = z.output<typeof processServiceSchema>;
export type UrlService = z.output<typeof urlServiceSchema>;
export type Edge = z.output<typeof edgeSchema>;
export type Ready = z.output<typeof readySchema>;
export type Hook = z.output<typeof hookSchema>;
export type ReadHook = z.output<typeof readHookSchema>;
export type RouteFile = z.output<typeof routeFileSchema>;
export type TrafficSwitch = z.output<typeof trafficSwitchSchema>;

/** The switch that moves a capability. */
export function switchOf(
  { trafficSwitch }: Pick<System, 'trafficSwitch'>,
  capability: string,
): TrafficSwitch | undefined {
  return [trafficSwitch ?? []].flat().find(({ capabilities }) => capabilities.includes(capability));
}
