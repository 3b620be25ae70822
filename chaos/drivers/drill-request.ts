import { createHash } from 'node:crypto';
import type { DrillRequestSpec } from '../../lib/plan/schema/requests.ts';
import { sendGrpc } from './grpc-request.ts';
import { sendHttp } from './http-request.ts';
import type { Answer, SendOptions } from './request-options.ts';

/** Sends a request on a connection of its own. Never rejects because of the callee: no answer is an answer too. */
export async function sendRequest(spec: DrillRequestSpec, options: SendOptions): Promise<Answer> {
  return 'http' in spec ? await sendHttp(spec.http, options) : await sendGrpc(spec.grpc, options);
}

/** A trace of its own for each text. */
export function traceIdOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
