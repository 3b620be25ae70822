import { once } from 'node:events';
import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { scraper } from '../../lib/observe/scrape.ts';

async function page(answer: (response: ServerResponse) => void) {
  const server = createServer((_, response) => answer(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const wanted = new Set(['up']);
const never = new AbortController().signal;

test('reads the wanted metrics', async () => {
  await using server = await page((response) => response.end('up 1\nother 2\n'));
  const metrics = scraper(server.url, wanted, never);
  expect((await metrics.scrape())?.map(({ name, value }) => [name, value])).toEqual([['up', 1]]);
  expect([metrics.scrapes(), metrics.errors()]).toEqual([1, 0]);
});

test.each<readonly [string, (response: ServerResponse) => void, RegExp]>([
  ['an error page', (response) => response.writeHead(503).end('up 1\n'), /503/],
  ['a cut connection', (response) => response.destroy(), /./],
  ['no answer', () => {}, /timeout/],
  ['half an answer', (response) => response.writeHead(200, { 'content-length': 100 }).write('up 1\n'), /timeout/],
])('%s is counted and not thrown', async (_, answer, reason) => {
  await using server = await page(answer);
  const metrics = scraper(server.url, wanted, never);
  expect(await metrics.scrape()).toBeUndefined();
  expect([metrics.scrapes(), metrics.errors()]).toEqual([1, 1]);
  expect(metrics.lastError()).toMatch(reason);
});

test('one that is aborted is no error', async () => {
  await using server = await page(() => {});
  const abort = new AbortController();
  const metrics = scraper(server.url, wanted, abort.signal);
  const scraped = metrics.scrape();
  abort.abort();
  expect(await scraped).toBeUndefined();
  expect(metrics.errors()).toBe(0);
});
