import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findExecutable } from '../../chaos/drivers/find-executable.ts';
import { freePort } from '../../chaos/drivers/free-port.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { trafficControl } from '../../lib/provision/traffic-control.ts';
import { requirement } from '../helpers/require.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';
import { until } from '../helpers/until.ts';

const PROXY = fileURLToPath(new URL('fixtures/weighted-proxy.mjs', import.meta.url));

let context: TestContext;
let root: string;
let running: ChildProcess | undefined;
let url: string;

beforeEach(async () => {
  context = await testContext();
  root = await mkdtemp(join(tmpdir(), 'cutover-routes-'));
  running = undefined;
});
afterEach(async () => {
  if (running !== undefined && running.exitCode === null) {
    running.kill('SIGTERM');
    await once(running, 'exit');
  }
  await rm(root, { recursive: true, force: true });
  await context[Symbol.asyncDispose]();
});

async function start(command: readonly string[], ready: string): Promise<number> {
  running = spawn(command[0] ?? '', command.slice(1), { stdio: 'ignore' });
  await until('the proxy answers', async () => (await fetch(ready).catch(() => undefined))?.ok === true);
  return running.pid ?? 0;
}

/** What of a hundred requests the candidate answered. */
async function shareOf(capability: string): Promise<number> {
  let candidate = 0;
  for (let request = 0; request < 100; request += 1) {
    if ((await (await fetch(`${url}/${capability}`, { headers: { connection: 'close' } })).text()) === 'candidate')
      candidate += 1;
  }
  return candidate;
}

describe('a proxy that reads its routes from a file', () => {
  const before = '{"pricing":{"candidate":0,"baseline":100},"ledger":{"candidate":0,"baseline":100}}\n';
  const template =
    '{"pricing":{"candidate":{{share.pricing}},"baseline":{{rest.pricing}},"mode":"{{mode.pricing}}"},' +
    '"ledger":{"candidate":{{share.ledger}},"baseline":{{rest.ledger}}}}\n';
  let file: string;
  let pid: number;

  beforeEach(async () => {
    file = join(root, 'routes.json');
    writeFileSync(file, before);
    const port = await freePort(new Set());
    url = `http://127.0.0.1:${port}`;
    pid = await start([process.execPath, PROXY, String(port), file], `${url}/routes`);
  });

  function control(reload: readonly string[] = ['sh', '-c', `kill -HUP ${pid}`], readBackMs = 5_000) {
    const system = systemSchema.parse({
      services: { proxy: { url } },
      trafficSwitch: {
        capabilities: ['pricing', 'ledger'],
        set: { file: 'routes.json', template, reload: { command: [...reload] } },
        read: { url: '{{proxy}}/routes', pointer: '/{{capability}}/candidate' },
      },
    });
    return trafficControl({ plan: { system, root }, values: new Map([['proxy', url]]), context, readBackMs });
  }

  test('moves the traffic of each capability, and puts the file back', async () => {
    {
      await using traffic = control();
      await traffic.switchTraffic({ pricing: { canary: 12.5 } });
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
        pricing: { candidate: 12.5, baseline: 87.5, mode: 'canary' },
        ledger: { candidate: 0, baseline: 100 },
      });
      await Promise.all([
        traffic.switchTraffic({ ledger: 'full' }),
        traffic.switchTraffic({ pricing: { canary: 40 } }),
      ]);
      expect([await shareOf('pricing'), await shareOf('ledger')]).toEqual([40, 100]);
    }
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(existsSync(`${file}.cutover-before`)).toBe(false);
    await until('the routes are read again', async () => (await shareOf('ledger')) === 0);
  });

  test('what a harness that was killed has left there is put back by the next run', async () => {
    // It never came to its end: nothing is disposed of.
    await control().switchTraffic({ pricing: 'full' });
    expect(await shareOf('pricing')).toBe(100);
    {
      await using traffic = control();
      await traffic.switchTraffic({ pricing: 'off' });
    }
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(context.journalled.map(({ type }) => type)).toContain('routes-left-behind');
  });

  test('a link stays one', async () => {
    writeFileSync(join(root, 'elsewhere.json'), before);
    await rm(file);
    symlinkSync('elsewhere.json', file);
    {
      await using traffic = control();
      await traffic.switchTraffic({ pricing: 'full' });
      expect(readFileSync(join(root, 'elsewhere.json'), 'utf8')).toContain('"candidate":100');
    }
    expect(readFileSync(join(root, 'elsewhere.json'), 'utf8')).toBe(before);
  });

  test('a proxy that does not read it again is not believed, and the file is put back all the same', async () => {
    const traffic = control(['true'], 200);
    await expect(traffic.switchTraffic({ pricing: 'full' })).rejects.toMatchObject({
      code: 'traffic-switch-not-applied',
    });
    await traffic[Symbol.asyncDispose]();
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('a reload that fails is told, at the end as what could not be cleaned up', async () => {
    const traffic = control(['sh', '-c', 'echo no such proxy >&2; exit 3']);
    await expect(traffic.switchTraffic({ pricing: 'full' })).rejects.toMatchObject({
      code: 'traffic-switch-failed',
      message: expect.stringContaining('exit code 3: no such proxy') as unknown,
    });
    await expect(traffic[Symbol.asyncDispose]()).rejects.toMatchObject({ code: 'cleanup-unverified' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('there must be a file', async () => {
    await rm(file);
    await using traffic = control();
    await expect(traffic.switchTraffic({ pricing: 'full' })).rejects.toMatchObject({
      message: `traffic switch of "pricing": no file ${file}`,
    });
  });
});

const program = findExecutable('nginx', '.', `${process.env['PATH'] ?? ''}:/usr/sbin`);
const nginx = requirement('nginx', program.state === 'found', 'nginx is not installed');

describe.skipIf(nginx.skip)(`NGINX, by split_clients and reload ${nginx.reason}`, () => {
  test('moves the traffic, and puts the file back', async () => {
    const [port, routes, config] = [await freePort(new Set()), join(root, 'routes.conf'), join(root, 'nginx.conf')];
    url = `http://127.0.0.1:${port}`;
    const before = 'map $request_id $upstream { default baseline; }\nmap "" $share { default 0; }\n';
    writeFileSync(routes, before);
    const answer = (path: string, text: string) =>
      `location = ${path} { default_type text/plain; return 200 '${text}'; }`;
    writeFileSync(
      config,
      [
        `daemon off; pid ${root}/nginx.pid; error_log ${root}/error.log; worker_processes 1;`,
        'events {}',
        'http {',
        `  access_log off; client_body_temp_path ${root}/body; proxy_temp_path ${root}/proxy;`,
        `  fastcgi_temp_path ${root}/fastcgi; uwsgi_temp_path ${root}/uwsgi; scgi_temp_path ${root}/scgi;`,
        `  include ${routes};`,
        `  server { listen 127.0.0.1:${port}; ${answer('/pricing', '$upstream')} ${answer('/routes', '{"share":$share}')} }`,
        '}',
      ].join('\n'),
    );
    const command = [
      program.state === 'found' ? program.path : '',
      '-p',
      root,
      '-c',
      config,
      '-e',
      join(root, 'error.log'),
    ];
    await start(command, `${url}/routes`);
    const share = 'map "" $share { default {{share}}; }\n';
    const system = systemSchema.parse({
      services: { proxy: { url } },
      trafficSwitch: {
        capabilities: ['pricing'],
        set: {
          file: 'routes.conf',
          template: {
            off: `map "" $upstream { default baseline; }\n${share}`,
            canary: `split_clients $request_id $upstream { {{share}}% candidate; * baseline; }\n${share}`,
            full: `map "" $upstream { default candidate; }\n${share}`,
          },
          reload: { command: [...command, '-s', 'reload'] },
        },
        read: { url: '{{proxy}}/routes', pointer: '/share' },
      },
    });
    {
      await using traffic = trafficControl({ plan: { system, root }, values: new Map([['proxy', url]]), context });
      await traffic.switchTraffic({ pricing: { canary: 50 } });
      const candidate = await shareOf('pricing');
      // Drawn at random: outside of this once in a million.
      expect(candidate).toBeGreaterThan(25);
      expect(candidate).toBeLessThan(75);
      // For a moment its worker of before answers, too.
      await traffic.switchTraffic({ pricing: 'off' });
      await until('nothing goes to the candidate', async () => (await shareOf('pricing')) === 0);
      await traffic.switchTraffic({ pricing: 'full' });
      await until('all goes to the candidate', async () => (await shareOf('pricing')) === 100);
    }
    expect(readFileSync(routes, 'utf8')).toBe(before);
    await until('the routes are read again', async () => (await shareOf('pricing')) === 0);
  });
});
