import { fileURLToPath } from 'node:url';
import type { ConfigInput } from '../../lib/index.ts';

export const SHOP = fileURLToPath(new URL('fixtures/shop.mjs', import.meta.url));

interface ShopOptions {
  /** How the fixture behaves. */
  readonly mode?: string;
  readonly port?: number;
  readonly seconds?: number;
  readonly scenario?: string;
  readonly change?: (config: ConfigInput) => ConfigInput;
}

/** A project whose one service is started by the harness, with a proxy in front of it and a few seconds of load. */
export function shopProject({
  mode = 'ok',
  port,
  seconds = 4,
  scenario = 'builtin:http',
  change = (c) => c,
}: ShopOptions = {}): ConfigInput {
  return change({
    version: 1,
    system: {
      services: {
        shop: {
          process: { command: [process.execPath, SHOP, '{{shop.http}}', mode], stopTimeout: '3s' },
          ports: port === undefined ? ['http'] : { http: port },
          ready: { http: 'http://{{shop.http}}/readyz', timeout: mode === 'never-ready' ? '1s' : '10s' },
        },
      },
      edges: { 'client-shop': { from: 'client', to: 'shop.http', protocol: 'http' } },
    },
    experiments: [
      {
        version: 1,
        name: 'smoke',
        load: {
          scenario,
          env: { URL: 'http://{{edge.client-shop}}/' },
          phases: [{ name: 'steady', duration: `${seconds}s`, rate: '50/s' }],
        },
        budgets: [
          { kind: 'latency', phase: 'steady', under: '50ms', atLeast: '95%', minEvents: 50 },
          { kind: 'errors', phase: 'steady', atMost: '1%', minEvents: 50 },
        ],
      },
    ],
  });
}
