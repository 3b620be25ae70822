import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { Server as GrpcServer, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { load } from '@grpc/proto-loader';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { historyContext } from '../../../lib/history-context.ts';
import { readFinalStates, readInitialStates } from '../../../lib/observe/history/collect.ts';
import type { FinalRow } from '../../../lib/observe/history/observation.ts';
import { historySchema } from '../../../lib/plan/schema/history.ts';
import { testContext } from '../../helpers/run-context.ts';

interface Row {
  readonly at: number;
  readonly key: string;
  readonly of: string;
}

const ROWS: readonly Row[] = Array.from({ length: 25 }, (_, index) => ({
  at: index + 1,
  key: `k${index + 1}`,
  of: `acc/${index % 2}`,
}));
const FIELDS = { id: '/key', account: '/of', order: '/at' };
const PROTO = fileURLToPath(new URL('../../../services/contracts/proto', import.meta.url));

type Handle = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

async function serve(handle: Handle): Promise<AsyncDisposable & { readonly address: string }> {
  const server = createServer((request, response) => handle(request, response, new URL(request.url ?? '', 'http://x')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Pages as JSON lines, in which `after` and `limit` are what they say. */
const pages: Handle = (_, response, { searchParams }) => {
  const after = Number(searchParams.get('after'));
  const account = searchParams.get('account');
  const rows = ROWS.filter(({ at, of }) => at > after && (account === null || account === of));
  response.end(
    rows
      .slice(0, Number(searchParams.get('limit') ?? 1_000))
      .map((row) => `${JSON.stringify(row)}\n`)
      .join(''),
  );
};

/** Reads one final state, "store", as a run does: before the load, and after it. */
async function collect(input: object, { address = '', accounts = [] as string[] } = {}) {
  await using context = await testContext();
  await mkdir(context.folder, { recursive: true });
  const { settle, settleWithin, readWithin = '2s', ...final } = input as Record<string, unknown>;
  const history = historySchema.parse({
    finals: { store: { fields: FIELDS, ...final } },
    readWithin,
    ...(settle === undefined ? {} : { settle, settleWithin }),
  });
  const source = historyContext({
    history,
    root: PROTO,
    context,
    resolve: (text) => text.replaceAll('{{at}}', address),
    nowMs: () => 7,
  });
  const initial = await readInitialStates(source);
  const seen = await readFinalStates(initial, () => Promise.resolve(accounts), source);
  const rows = readFileSync(join(context.folder, 'final-state-store.ndjson'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as FinalRow);
  const [store] = seen.finals;
  return { store, rows, settled: seen.settled };
}

const all = ROWS.map(({ at, key, of }) => ({ id: key, account: of, order: at }));

describe('a final state', { timeout: 30_000 }, () => {
  test.each([25, 10, 5, 7, 1_000])('is read in pages of %d', async (limit) => {
    await using server = await serve(pages);
    const read = { http: { url: 'http://{{at}}/?after={{after}}&limit={{limit}}' } };
    const { store, rows } = await collect({ read, paging: { after: '/at', limit } }, server);
    expect(rows).toEqual(all);
    expect(store).toEqual({ name: 'store', startMs: 7, endMs: 7, rows: 25, initialRows: 25 });
  });

  test('is read account by account, whatever characters they have', async () => {
    await using server = await serve(pages);
    const read = { http: { url: 'http://{{at}}/?account={{account}}&after={{after}}&limit={{limit}}' } };
    const final = { read, paging: { after: '/at', limit: 5 }, initial: 'empty' };
    const { store, rows } = await collect(final, { ...server, accounts: ['acc/1', 'acc/0'] });
    expect(rows).toEqual([
      ...all.filter(({ account }) => account === 'acc/1'),
      ...all.filter(({ account }) => account === 'acc/0'),
    ]);
    expect(store?.initialRows).toBeUndefined();
  });

  test('may be a list somewhere in one answer', async () => {
    await using server = await serve((_, response) => response.end(JSON.stringify({ data: { rows: ROWS } })));
    const { rows } = await collect({ read: { http: { url: 'http://{{at}}/' } }, rows: '/data/rows' }, server);
    expect(rows).toEqual(all);
  });

  test('may be what a command prints', async () => {
    const script = `console.log(JSON.stringify([{ key: process.env.KEY, of: 'a', at: 1 }]))`;
    const { rows } = await collect({ read: { command: [process.execPath, '-e', script], env: { KEY: 'k1' } } });
    expect(rows).toEqual([{ id: 'k1', account: 'a', order: 1 }]);
  });

  test('may come over gRPC, with numbers as texts', async () => {
    const definitions = await load(['cutover/v1/ledger.proto'], { includeDirs: [PROTO] });
    const server = new GrpcServer();
    server.addService(definitions['cutover.v1.Ledger'] as ServiceDefinition, {
      List: (call: {
        request: { account: string; limit: number };
        write: (entry: object) => void;
        end: () => void;
      }) => {
        const { account, limit } = call.request;
        for (let sequence = 1; sequence <= limit; sequence += 1) {
          call.write({ id: `e${sequence}`, account, amountMinor: '9007199254740993', sequence });
        }
        call.end();
      },
    });
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      );
    });
    try {
      const message = { account: '{{account}}', afterSequence: '{{after}}', limit: '{{limit}}' };
      const grpc = {
        address: `127.0.0.1:${port}`,
        protoPath: '.',
        protoFiles: ['cutover/v1/ledger.proto'],
        method: 'cutover.v1.Ledger/List',
        message,
      };
      const { store, rows } = await collect(
        {
          read: { grpc },
          paging: { after: '/sequence', limit: 3 },
          fields: { id: '/id', account: '/account', value: '/amountMinor', order: '/sequence' },
          initial: 'empty',
        },
        { accounts: ['a'] },
      );
      // This one gives the same page for ever.
      expect(store?.problem).toMatch(/the page after 3 ends at 3 again/);
      expect(rows[0]).toEqual({ id: 'e1', account: 'a', value: '9007199254740993', order: 1 });
    } finally {
      server.forceShutdown();
    }
  });

  test('is asked for again where it is not answered', async () => {
    let asked = 0;
    await using server = await serve((request, response, url) => {
      asked += 1;
      if (asked % 3 === 1) response.writeHead(503).end();
      else if (asked % 3 === 2) request.socket.destroy();
      else pages(request, response, url);
    });
    const read = { http: { url: 'http://{{at}}/?after={{after}}&limit={{limit}}' } };
    const { store, rows } = await collect(
      { read, paging: { after: '/at', limit: 20 }, initial: 'empty', readWithin: '20s' },
      server,
    );
    expect(store?.problem).toBeUndefined();
    expect(rows).toEqual(all);
  });

  test.each<[why: string, final: object, answer: string, problem: RegExp]>([
    [
      'the id is not where it should be',
      { fields: { id: '/id' } },
      '[{"key":"k1"}]',
      /a row has no id at \/id: \{"key":"k1"\}/,
    ],
    ['there is no number to order by', {}, '[{"key":"k1","at":"soon"}]', /a row has no number at \/at/],
    ['it is no JSON', {}, 'oops', /a row has no id at \/key: "oops"/],
    ['the list is something else', { rows: '/rows' }, '{"rows":7}', /the answer has no list at \/rows/],
    [
      'pages cannot go on',
      { paging: { after: '/position', limit: 1 } },
      '[{"key":"k1","at":1}]',
      /nothing at \/position to go on after/,
    ],
  ])('is unreadable where %s', async (_, final, answer, problem) => {
    await using server = await serve((__, response) => response.end(answer));
    const { store } = await collect({ read: { http: { url: 'http://{{at}}/' } }, initial: 'empty', ...final }, server);
    expect(store?.problem).toMatch(problem);
  });

  test('that is never answered says what the last answer was', async () => {
    await using server = await serve((_, response) => response.writeHead(500).end());
    const { store } = await collect({ read: { http: { url: 'http://{{at}}/' } }, readWithin: '300ms' }, server);
    expect(store?.problem).toBe('before the load: it was not answered: HTTP 500');
    const failing = { read: { command: [process.execPath, '-e', 'console.error("no store"); process.exit(3)'] } };
    const told = await collect({ ...failing, initial: 'empty', readWithin: '1ms' });
    expect(told.store?.problem).toBe('it was not answered: exit code 3: no store');
  });
});

describe('before it', { timeout: 30_000 }, () => {
  const read = { command: [process.execPath, '-e', ';'] };

  test('the system settles', async () => {
    let left = 3;
    await using server = await serve((_, response) => response.end(JSON.stringify({ outbox: (left -= 1) })));
    const settle = [{ url: 'http://{{at}}/', pointer: '/outbox' }];
    const { settled } = await collect({ read, settle, settleWithin: '10s' }, server);
    expect(settled).toMatchObject([{ title: `GET http://${server.address}/ at /outbox`, settled: true, value: '0' }]);
  });

  test('or it does not, and what was read last is told', async () => {
    await using server = await serve((_, response) => response.end('{"done":false}'));
    const settle = [
      { url: 'http://{{at}}/', pointer: '/done', equals: true },
      { url: 'http://{{at}}/', pointer: '/done', equals: false },
      { url: 'http://{{at}}/', pointer: '/other', equals: null },
    ];
    const { settled } = await collect({ read, settle, settleWithin: '200ms' }, server);
    expect(settled.map((hook) => [hook.settled, hook.value])).toEqual([
      [false, 'false'],
      [true, 'false'],
      [false, 'nothing'],
    ]);
  });
});
