/**
 * The reference system: a Go monolith, and a Rust engine that is to take over its pricing and its ledger.
 * A defect can be switched on in it, to see the harness turn red: CUTOVER_DEFECT=no-breaker npm start
 */
import { defineConfig } from 'cutover';
import { clientToken, secrets } from './services/tokens.ts';

const defect = process.env['CUTOVER_DEFECT'] ?? '';
const admin = { Authorization: `Bearer ${clientToken()}`, 'Content-Type': 'application/json' };

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
            PEER_URL: 'http://{{monolith.http}}',
            SERVICE_TOKEN_SECRET: secrets.service,
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
            PEER_URL: 'http://{{engine.http}}',
            PRICING_URL: 'grpc://{{edge.orders-pricing}}',
            LEDGER_URL: 'grpc://{{edge.orders-ledger}}',
            API_TOKEN_SECRET: secrets.client,
            SERVICE_TOKEN_SECRET: secrets.service,
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
        headers: admin,
        body: '{"mode":"{{mode}}","share":{{share}}}',
      },
      read: {
        url: 'http://{{monolith.http}}/admin/switch',
        headers: admin,
        pointer: '/capabilities/{{capability}}/share',
      },
      kill: {
        engage: {
          method: 'PUT',
          url: 'http://{{monolith.http}}/admin/kill-switch',
          headers: admin,
          body: '{"engaged":true}',
        },
        release: {
          method: 'PUT',
          url: 'http://{{monolith.http}}/admin/kill-switch',
          headers: admin,
          body: '{"engaged":false}',
        },
        read: { url: 'http://{{monolith.http}}/admin/switch', headers: admin, pointer: '/killSwitch' },
      },
    },
  },
  defaults: {
    load: {
      scenario: 'scenarios/peak-load.ts',
      env: {
        HTTP_URL: 'http://{{monolith.http}}',
        GRPC_ADDRESS: '{{monolith.grpc}}',
        API_TOKEN: clientToken(),
      },
    },
  },
  experiments: ['services/experiments/*.experiment.ts'],
});
