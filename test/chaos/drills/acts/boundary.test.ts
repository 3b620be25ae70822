import { status as codes } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { healthy } from '../../../judge/builders.ts';
import { checkOf } from '../../../judge/drills/plans.ts';
import { ROOT, act, grpcServer, jsonServer } from './acting.ts';

const PROTO = { protoPath: 'services/contracts/proto', protoFiles: ['cutover/v1/pricing.proto'] };
const tokens = { client: { valid: 'good', refused: { expired: 'old', forged: 'fake' } } };
const endpoint = (name: string, request: object) => ({ name, caller: 'client', request });

/** Lets in who has one of these tokens. */
async function gate(...good: readonly (string | undefined)[]) {
  const seen: (string | undefined)[] = [];
  const http = await jsonServer(({ headers }) => {
    seen.push(headers.authorization);
    return good.includes(headers.authorization) ? { body: {} } : { status: 401, body: {} };
  });
  const grpc = await grpcServer(`${ROOT}/services/contracts/proto`, PROTO.protoFiles, {
    'cutover.v1.Pricing/Quote': (_, metadata) => {
      const token = metadata.get('authorization')[0] as string | undefined;
      seen.push(token);
      return good.includes(token) ? {} : { code: codes.UNAUTHENTICATED };
    },
  });
  const drill = {
    kind: 'boundary',
    tokens,
    for: '300ms',
    endpoints: [
      endpoint('http', { http: { url: `http://${http.address}/`, headers: { authorization: '{{token}}' } } }),
      endpoint('grpc', {
        grpc: {
          address: grpc.address,
          ...PROTO,
          method: 'cutover.v1.Pricing/Quote',
          metadata: { authorization: '{{token}}' },
        },
      }),
    ],
  };
  return {
    seen,
    drill,
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
      await grpc[Symbol.asyncDispose]();
    },
  };
}

describe('boundary, against real servers', () => {
  test.each<[string, readonly (string | undefined)[], string, object]>([
    ['one that is shut', ['good'], 'pass', { tried: 6, letIn: 0 }],
    ['one that takes old tokens', ['good', 'old'], 'fail', { letIn: 2, tokens: 'expired', steps: 'before' }],
    ['one that needs none', ['good', undefined], 'fail', { letIn: 2, tokens: 'none' }],
    ['one that nobody gets into', [], 'inconclusive', { letIn: 0, validLetIn: 0 }],
  ])('%s', async (_, good, outcome, evidence) => {
    await using door = await gate(...good);
    const { plan, seen } = await act(door.drill);
    expect(seen.problem).toBeUndefined();
    const observations = { ...healthy(plan), drills: [seen] };
    for (const name of ['http', 'grpc']) expect(checkOf(name, plan, observations)).toMatchObject({ outcome, evidence });
    // Two of each, over each protocol; without a token there is no header.
    const counted = Object.fromEntries(
      [...Map.groupBy(door.seen, String)].map(([token, calls]) => [token, calls.length]),
    );
    expect(counted).toEqual({ good: 4, old: 4, fake: 4, undefined: 4 });
    // What is kept of it holds no token.
    expect(JSON.stringify(seen)).not.toMatch(/good|old|fake/);
  });
});
