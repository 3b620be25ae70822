/**
 * The reference system: a Go monolith, and a Rust engine that is to take over its pricing and its ledger.
 * A defect can be switched on in it, to see the harness turn red: CUTOVER_DEFECT=no-breaker npm start
 */
import { createHmac, randomBytes } from 'node:crypto';
import { defineConfig } from 'cutover';

const defect = process.env['CUTOVER_DEFECT'] ?? '';
const apiSecret = randomBytes(32).toString('hex');
const serviceSecret = randomBytes(32).toString('hex');

export default defineConfig({
  version: 1,
  system: {
    services: {
      engine: {
        process: {
          build: {
            command: ['cargo', 'build', '--release', '--locked'],
            cwd: 'services/engine',
            env: { CARGO_TARGET_DIR: '{{cache}}/cargo' },
            artifact: '{{cache}}/cargo/release/engine',
          },
          command: ['{{artifact}}'],
          env: {
            HTTP_ADDR: '{{engine.http}}',
            GRPC_ADDR: '{{engine.grpc}}',
            STORE_DSN: '{{data}}/engine.db',
            SERVICE_TOKEN_SECRET: serviceSecret,
            CUTOVER_DEFECT: defect,
          },
        },
        ports: ['http', 'grpc'],
        ready: { http: 'http://{{engine.http}}/readyz' },
        metrics: 'http://{{engine.http}}/metrics',
      },
      monolith: {
        process: {
          build: {
            command: ['go', 'build', '-trimpath', '-o', '{{cache}}/monolith/monolith', '.'],
            cwd: 'services/monolith',
            env: { CGO_ENABLED: '0' },
            artifact: '{{cache}}/monolith/monolith',
          },
          command: ['{{artifact}}'],
          env: {
            HTTP_ADDR: '{{monolith.http}}',
            GRPC_ADDR: '{{monolith.grpc}}',
            STORE_DSN: '{{data}}/monolith.db',
            PRICING_URL: 'grpc://{{edge.orders-pricing}}',
            LEDGER_URL: 'grpc://{{edge.orders-ledger}}',
            API_TOKEN_SECRET: apiSecret,
            SERVICE_TOKEN_SECRET: serviceSecret,
            CUTOVER_DEFECT: defect,
          },
        },
        ports: ['http', 'grpc'],
        ready: { grpc: '{{monolith.grpc}}' },
        metrics: 'http://{{monolith.http}}/metrics',
      },
    },
    edges: {
      'orders-pricing': {
        from: 'monolith',
        to: 'engine.grpc',
        protocol: 'grpc',
        evidence: {
          service: 'monolith',
          metric: 'edge_attempts_total',
          labels: { edge: 'orders-pricing', outcome: '!ok' },
        },
      },
      'orders-ledger': {
        from: 'monolith',
        to: 'engine.grpc',
        protocol: 'grpc',
        evidence: {
          service: 'monolith',
          metric: 'edge_attempts_total',
          labels: { edge: 'orders-ledger', outcome: '!ok' },
        },
        tap: { idempotencyKey: { field: 1, operations: ['/cutover.v1.Ledger/Append'] } },
      },
    },
    trafficSwitch: {
      capabilities: ['pricing', 'ledger'],
      set: {
        method: 'PUT',
        url: 'http://{{monolith.http}}/admin/switch/{{capability}}',
        headers: { Authorization: `Bearer ${token('orders', apiSecret)}`, 'Content-Type': 'application/json' },
        body: '{"mode":"{{mode}}","share":{{share}}}',
      },
      read: {
        url: 'http://{{monolith.http}}/admin/switch',
        headers: { Authorization: `Bearer ${token('orders', apiSecret)}` },
        pointer: '/capabilities/{{capability}}/share',
      },
    },
  },
  defaults: {
    load: {
      scenario: 'scenarios/peak-load.ts',
      env: {
        HTTP_URL: 'http://{{monolith.http}}',
        GRPC_ADDRESS: '{{monolith.grpc}}',
        API_TOKEN: token('orders', apiSecret),
      },
    },
  },
  experiments: ['services/experiments/*.experiment.ts'],
});

/** A client's token for the reference system (JWT, HS256), good for one day. */
function token(audience: string, secret: string): string {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expires = Math.floor(Date.now() / 1_000) + 86_400;
  const unsigned = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ sub: 'load', aud: audience, exp: expires })}`;
  return `${unsigned}.${createHmac('sha256', secret).update(unsigned).digest('base64url')}`;
}
