import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCollector, type Collector } from '../../../lib/observe/traces/collector.ts';
import { otlpProtobufDecoder } from '../../../lib/observe/traces/otlp-protobuf.ts';
import { type SpanStore, spanStore } from '../../../lib/observe/traces/span-store.ts';
import { buildTree } from '../../../lib/observe/traces/tree.ts';
import { cacheDir } from '../../../lib/toolchain/cache-dir.ts';
import { until } from '../../helpers/until.ts';
import { type Monolith, hasGo, startMonolith } from '../../scenarios/monolith.ts';
import { spanId, traceId } from './otlp.ts';

const ENGINE = join(cacheDir(process.env), 'cargo', 'release', 'engine');
const CLIENT = spanId(0xc1);

/** The Rust engine as it was last built. */
async function startEngine(settings: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-engine-'));
  const child = spawn(ENGINE, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { HTTP_ADDR: '127.0.0.1:0', GRPC_ADDR: '127.0.0.1:0', STORE_DSN: join(folder, 'engine.db'), ...settings },
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (part: string) => (log += part));
  const grpc = () => /"grpc":"([^"]+)"/.exec(log)?.[1];
  await until(`the engine listens: ${log}`, () => grpc() !== undefined);
  return {
    grpc: grpc() ?? '',
    [Symbol.dispose]() {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!hasGo || !existsSync(ENGINE))(
  'the reference services export to it (needs Go, and the engine as the harness has built it)',
  () => {
    let collector: Collector;
    let store: SpanStore;
    let engine: Awaited<ReturnType<typeof startEngine>>;
    let monolith: Monolith;
    let next = 1;

    beforeAll(async () => {
      store = spanStore();
      const decode = otlpProtobufDecoder();
      collector = await startCollector(({ body }) => store.add(decode(body)));
      const settings = { OTLP_ENDPOINT: `http://${collector.http}` };
      engine = await startEngine(settings);
      monolith = await startMonolith({ ...settings, PRICING_URL: `grpc://${engine.grpc}`, PRICING_SWITCH: 'full' });
    }, 300_000);
    afterAll(async () => {
      monolith?.[Symbol.dispose]();
      engine?.[Symbol.dispose]();
      await collector?.[Symbol.asyncDispose]();
    });

    /** A quote with a trace of its own; its trace's number. */
    async function quote(flags = '01', quantity = 1): Promise<{ readonly id: string; readonly status: number }> {
      const id = traceId(0xab0000 + next++);
      const { status } = await fetch(`${monolith.httpUrl}/v1/quotes`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', traceparent: `00-${id}-${CLIENT}-${flags}` },
        body: JSON.stringify({ customerId: 'c', lines: [{ sku: 's', quantity }], currency: 'EUR' }),
      });
      return { id, status };
    }

    const whole = (id: string): boolean => {
      const { placed, orphans, roots } = buildTree(store.of(id), CLIENT);
      const services = new Set(placed.map(({ span }) => span.service));
      return orphans.length + roots.length === 0 && services.has('monolith') && services.has('engine');
    };

    test('a request is one tree through Go into Rust', async () => {
      const { id, status } = await quote();
      expect(status).toBe(200);
      await until('the trace is whole', () => whole(id));
      const shown = buildTree(store.of(id), CLIENT).placed.map(({ span: { service, kind }, depth }) => [
        service,
        kind,
        depth,
      ]);
      expect(shown).toEqual([
        ['monolith', 'server', 0],
        ['monolith', 'client', 1],
        ['engine', 'server', 2],
      ]);
    });

    test('one that is not sampled leaves no span, and one that is refused leaves a failed one', async () => {
      const unsampled = await quote('00');
      const refused = await quote('01', 0);
      expect(refused.status).toBe(400);
      await until('the refused one came', () => store.of(refused.id).length > 0);
      expect(store.of(refused.id)[0]).toMatchObject({
        service: 'monolith',
        kind: 'server',
        failure: 'INVALID_ARGUMENT',
      });
      const later = await quote();
      await until('a later one came', () => whole(later.id));
      expect(store.of(unsampled.id)).toEqual([]);
    });

    test('a collector that is down is no reason to refuse a request, and it gets spans again when it is back', async () => {
      await collector.set('closed');
      expect((await quote()).status).toBe(200);
      await collector.set('hanging');
      expect((await quote()).status).toBe(200);
      await until('an exporter hangs', () => collector.held() > 0);
      await collector.set('open');
      const ids: string[] = [];
      const again = async (): Promise<boolean> => {
        ids.push((await quote()).id);
        return ids.some(whole);
      };
      await until('spans come again', again, 20_000);
    }, 60_000);
  },
);
