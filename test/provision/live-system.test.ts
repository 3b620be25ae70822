import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { identify } from '../../chaos/drivers/process-table.ts';
import type { ProxiedEdge } from '../../chaos/edge.ts';
import {
  type Announced,
  type LiveSystem,
  announceSystem,
  findLiveSystem,
  readLiveSystem,
} from '../../lib/provision/live-system.ts';
import { type TestContext, testContext } from '../helpers/run-context.ts';

let context: TestContext;
beforeEach(async () => {
  context = await testContext();
});
afterEach(() => context[Symbol.asyncDispose]());

function announced(services: Announced['services'] = []) {
  const listeners: ((service: string, pid: number) => void)[] = [];
  const proxy = { api: 'http://127.0.0.1:1', name: 'a', listen: '127.0.0.1:2', upstream: '127.0.0.1:3' };
  const edge = { name: 'a', listen: '127.0.0.1:4', upstream: '127.0.0.1:3', protocol: 'http', proxy } as ProxiedEdge;
  const system: Announced = {
    services,
    edges: new Map([['a', edge]]),
    tap: { control: { url: 'http://127.0.0.1:5', token: 'secret' }, listen: new Map([['a', '127.0.0.1:4']]) },
    onServiceStarted: (listener) => void listeners.push(listener),
  };
  return { system, started: (service: string, pid: number) => listeners.forEach((listener) => listener(service, pid)) };
}

function makeRun(path: string): string {
  const folder = join(context.folder, path);
  mkdirSync(folder, { recursive: true });
  return folder;
}

test('is written for its user alone, and removed in the end', () => {
  const folder = makeRun('up/one');
  const live = announceSystem(folder, announced([{ name: 'shop', pid: process.pid }]).system);
  const path = join(folder, 'system.json');
  expect(statSync(path).mode % 0o1000).toBe(0o600);
  expect(readLiveSystem(folder)).toEqual({
    version: 1,
    harness: identify(process.pid),
    services: [{ name: 'shop', process: identify(process.pid) }],
    edges: [
      {
        name: 'a',
        protocol: 'http',
        listen: '127.0.0.1:4',
        upstream: '127.0.0.1:3',
        proxy: { api: 'http://127.0.0.1:1', name: 'a', listen: '127.0.0.1:2', upstream: '127.0.0.1:3' },
        tapped: true,
      },
    ],
    tap: { url: 'http://127.0.0.1:5', token: 'secret' },
  });
  live[Symbol.dispose]();
  expect(existsSync(path)).toBe(false);
  expect(readLiveSystem(folder)).toBeUndefined();
});

test('knows the process with which a service goes on', () => {
  const folder = makeRun('up/one');
  const { system, started } = announced([{ name: 'shop', pid: 2 }]);
  const live = announceSystem(folder, system);
  started('shop', process.pid);
  expect(readLiveSystem(folder)?.services).toEqual([{ name: 'shop', process: identify(process.pid) }]);
  live[Symbol.dispose]();
  started('shop', process.pid);
  expect(existsSync(join(folder, 'system.json'))).toBe(false);
});

test('the newest is found whose harness lives', () => {
  const [old, newer, inner, dead, broken] = ['a/1', 'a/2', 'b/1/probes/2', 'b/2', 'b/3'].map(makeRun) as [
    string,
    string,
    string,
    string,
    string,
  ];
  for (const [index, folder] of [old, newer, inner, dead, broken].entries()) {
    announceSystem(folder, announced().system);
    utimesSync(join(folder, 'system.json'), 1_000 + index, 1_000 + index);
  }
  symlinkSync('2', join(context.folder, 'a', 'latest'));
  change(dead, (system) => ({ ...system, harness: { ...system.harness, startTime: '1' } }));
  writeFileSync(join(broken, 'system.json'), '{"version":2}');
  expect(findLiveSystem(context.folder)?.folder).toBe(inner);
  change(inner, (system) => ({ ...system, harness: { pid: 2 ** 22 + 1 } }));
  expect(findLiveSystem(context.folder)?.folder).toBe(newer);
  expect(() => readLiveSystem(broken)).toThrow(/is not understood/);
  expect(findLiveSystem(join(context.folder, 'nowhere'))).toBeUndefined();
});

function change(folder: string, edit: (system: LiveSystem) => LiveSystem): void {
  const path = join(folder, 'system.json');
  writeFileSync(path, JSON.stringify(edit(JSON.parse(readFileSync(path, 'utf8')) as LiveSystem)));
}
