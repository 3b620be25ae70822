import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { gunzip, inflate } from 'node:zlib';
import { MAX_BODY_BYTES, readBody } from '../read-body.ts';
import type { Export } from './collector.ts';
import { BadExport } from './export.ts';

const MAX_INFLATED_BYTES = 64 * 1024 * 1024;
const TRACES = '/v1/traces';
/** Taken and thrown away: a service that exports these too is not to be in trouble for it. */
const OTHERS = ['/v1/metrics', '/v1/logs'];

/**
 * OTLP/HTTP (OTLP specification 1.x): POST /v1/traces in protobuf or JSON, plain, gzip or deflate. Anything else is answered,
 * never thrown: 404 path, 405 method, 413 too large, 415 encoding, 400 body. Returns what takes a connection.
 */
export function otlpHttp(onExport: (exported: Export) => void): (socket: Socket) => void {
  const server = createServer((request, response) => {
    answer(request, response, onExport).catch(() => response.destroy());
  });
  // The gate listens, and ends the connections.
  return (socket) => void server.emit('connection', socket);
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  onExport: (exported: Export) => void,
): Promise<void> {
  const refuse = (status: number, message: string) => {
    response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${message}\n`);
  };
  const { pathname } = new URL(request.url ?? '/', 'http://collector');
  if (pathname !== TRACES && !OTHERS.includes(pathname)) return refuse(404, `spans go to ${TRACES}`);
  if (request.method !== 'POST') return refuse(405, 'only POST');
  const [contentType = ''] = (request.headers['content-type'] ?? '').split(';');
  const encoding = ENCODINGS.get(contentType.trim().toLowerCase());
  if (encoding === undefined) return refuse(415, `Content-Type must be one of ${[...ENCODINGS.keys()].join(', ')}`);
  const body = await readBody(request);
  if (body === undefined) return refuse(413, `more than ${MAX_BODY_BYTES} bytes`);
  try {
    const plain = await inflated(body, request.headers['content-encoding']);
    if (pathname === TRACES) onExport({ body: plain, encoding });
  } catch (error) {
    if (!(error instanceof BadExport)) throw error;
    return refuse(400, error.message);
  }
  // An empty ExportTraceServiceResponse: everything was taken.
  response.writeHead(200, { 'content-type': contentType }).end(encoding === 'json' ? '{}' : '');
}

const ENCODINGS: ReadonlyMap<string, Export['encoding']> = new Map([
  ['application/x-protobuf', 'protobuf'],
  ['application/json', 'json'],
]);

async function inflated(body: Buffer, encoding: string | undefined): Promise<Uint8Array> {
  const options = { maxOutputLength: MAX_INFLATED_BYTES };
  try {
    if (encoding === 'gzip') return await promisify(gunzip)(body, options);
    if (encoding === 'deflate') return await promisify(inflate)(body, options);
  } catch (cause) {
    throw new BadExport((cause as Error).message, { cause });
  }
  if (encoding === undefined || encoding === 'identity') return body;
  throw new BadExport(`Content-Encoding ${encoding} is not known`);
}
