import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { suggest } from '../../lib/plan/nearest.ts';
import { validate } from '../../lib/plan/validate.ts';
import { invalid } from './config.ts';
import type { TappedEdge } from './edge.ts';
import type { Recorder } from './recorder.ts';
import { ruleSchema } from './rule-schema.ts';
import type { TapRule } from './rule.ts';
import { TapError } from './tap-error.ts';

export interface ControlServer {
  /** "http://127.0.0.1:NNNN" */
  readonly url: string;
  close(): void;
}

export interface ControlOptions {
  readonly edges: ReadonlyMap<string, TappedEdge>;
  readonly recorder: Recorder;
  readonly token: string;
}

const STATUS: Readonly<Record<TapError['reason'], number>> = {
  invalid: 400,
  'no-such-edge': 404,
  'no-such-rule': 404,
  rejected: 404,
  timeout: 500,
  unreachable: 500,
};

/**
 * The tap's API on loopback, for those who have the token: `PUT /rule` (body: the rule), `DELETE /rule?edge=&id=`,
 * `GET /rules?edge=`, `GET /in-flight?edge=`, `POST /flush`. Answers are JSON.
 */
export async function startControlServer(options: ControlOptions): Promise<ControlServer> {
  const server = createServer((request, response) => void serve(options, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function serve(options: ControlOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const reply = (status: number, body: unknown): void => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? null));
  };
  try {
    if (!isAllowed(request, options.token)) return reply(401, { message: 'needs the token of this tap' });
    reply(200, await answer(options, request));
  } catch (error) {
    if (!(error instanceof TapError)) return reply(500, { message: String(error) });
    const { reason, message, hint, problems } = error;
    reply(STATUS[reason], { reason, message, hint, problems });
  }
}

function isAllowed({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function answer(options: ControlOptions, request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://tap');
  const edge = (): TappedEdge => edgeOf(options.edges, searchParams.get('edge') ?? '');
  const call = `${request.method} ${pathname}`;
  switch (call) {
    case 'PUT /rule':
      return setRule(options.edges, parseJson(await text(request)));
    case 'DELETE /rule':
      return removeRule(edge(), searchParams.get('id') ?? '');
    case 'GET /rules':
      return edge().rules.list();
    case 'GET /in-flight':
      return options.recorder.inFlight(edge().options.name);
    case 'POST /flush':
      return await options.recorder.flush();
    default:
      throw new TapError('rejected', `no such call: ${call}`);
  }
}

function setRule(edges: ReadonlyMap<string, TappedEdge>, body: unknown): void {
  const checked = validate('rule', ruleSchema, body);
  if (!checked.ok) throw invalid('this is no rule', checked.problems);
  const rule = checked.value as TapRule;
  const edge = edgeOf(edges, rule.edge);
  const { action } = rule;
  const [low, high] = edge.options.protocol === 'grpc' ? [1, 16] : [200, 599];
  if (action.type === 'fail' && (action.status < low || action.status > high)) {
    const message = `must be from ${low} to ${high} on a ${edge.options.protocol} edge`;
    throw invalid('this is no rule', [{ path: 'action.status', value: action.status, message }]);
  }
  edge.rules.set(rule);
}

function removeRule({ rules, options }: TappedEdge, id: string): unknown {
  const state = rules.remove(id);
  if (state !== undefined) return state;
  const hint = suggest(
    id,
    rules.list().map((rule) => rule.id),
  );
  throw new TapError('no-such-rule', `edge "${options.name}" has no rule "${id}"`, { hint });
}

function edgeOf(edges: ReadonlyMap<string, TappedEdge>, name: string): TappedEdge {
  const edge = edges.get(name);
  if (edge !== undefined) return edge;
  throw new TapError('no-such-edge', `no edge "${name}" is tapped`, { hint: suggest(name, [...edges.keys()]) });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw invalid('this is no rule', [{ path: '', message: 'must be JSON' }]);
  }
}
