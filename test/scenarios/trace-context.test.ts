import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readSampled } from '../../lib/observe/traces/sampled.ts';
import { K6_BUILD_TIMEOUT_MS, realK6 } from '../helpers/k6.ts';

const SCENARIO = fileURLToPath(new URL('../../scenarios/http.ts', import.meta.url));
const REQUESTS = 400;

/** The real k6 against a server that keeps what traceparents it is sent. */
async function traceparents(env: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-sampling-'));
  const sent: string[] = [];
  const server = createServer((request, response) => {
    sent.push(String(request.headers['traceparent']));
    response.writeHead(sent.length % 10 === 0 ? 503 : 200).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const console = join(folder, 'console.ndjson');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const variables = Object.entries({ ...env, URL: url }).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
    const args = [
      'run',
      '--quiet',
      '--no-usage-report',
      '--log-format=json',
      `--console-output=${console}`,
      ...variables,
    ];
    const child = spawn(await realK6(), [...args, '--vus=4', `--iterations=${REQUESTS}`, SCENARIO], {
      stdio: 'ignore',
    });
    await once(child, 'close');
    return { sent, told: (await readSampled(console, 0)).requests, console: readFileSync(console, 'utf8') };
  } finally {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const sampled = (sent: readonly string[]) => sent.filter((value) => value.endsWith('-01'));

test(
  'a share of the requests is sampled, and told of with what came of it',
  { timeout: K6_BUILD_TIMEOUT_MS },
  async () => {
    const { sent, told } = await traceparents({ TRACE_SAMPLE: '0.3' });
    expect(sent).toHaveLength(REQUESTS);
    expect(sent.every((value) => /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/.test(value))).toBe(true);
    expect(new Set(sent).size).toBe(REQUESTS);
    // Six standard deviations of a binomial.
    expect(Math.abs(sampled(sent).length - 0.3 * REQUESTS)).toBeLessThan(6 * Math.sqrt(0.3 * 0.7 * REQUESTS));
    expect(told.map(({ traceId, clientSpanId }) => `00-${traceId}-${clientSpanId}-01`).toSorted()).toEqual(
      sampled(sent).toSorted(),
    );
    for (const request of told) {
      expect(request).toMatchObject({ operation: 'GET /', protocol: 'http', answered: true });
      expect(request.outcome).toBe(request.status === 'HTTP 503' ? 'failed' : 'ok');
      expect(request.endMs).toBeGreaterThanOrEqual(request.startMs);
    }
    expect(new Set(told.map(({ status }) => status))).toEqual(new Set(['HTTP 200', 'HTTP 503']));
  },
);

test('without a share all are sampled, and nothing is told', { timeout: K6_BUILD_TIMEOUT_MS }, async () => {
  const { sent, told, console } = await traceparents({});
  expect(sampled(sent)).toHaveLength(REQUESTS);
  expect(told).toEqual([]);
  expect(console).not.toContain('trace');
});
