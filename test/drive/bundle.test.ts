import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { bundleScenario } from '../../lib/drive/bundle.ts';
import type { Plan } from '../../lib/plan/plan.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'cutover-bundle-'))));

async function bundle(script: string) {
  const scenario = join(folder, 'scenario.ts');
  writeFileSync(scenario, script);
  const phases = [{ name: 'steady', startMs: 0, endMs: 1_000, fromPerSecond: 3, toPerSecond: 3 }];
  const budgets = [{ kind: 'latency', operation: 'quote', phase: 'steady', under: 50, atLeast: 0.99 }];
  const plan = { load: { scenario, phases, maxVUs: 5 }, budgets, drills: [] };
  return bundleScenario(plan as unknown as Plan, join(folder, 'bundle.js'));
}

test('one file with everything but k6, and its hash', async () => {
  writeFileSync(join(folder, 'helper.ts'), 'export const greeting: string = "hello from the helper";');
  const { path, sha256 } = await bundle(
    'import http from "k6/http"; import { greeting } from "./helper.ts"; export function setup() { return 1; } export default function () { http.get(greeting); }',
  );
  const source = readFileSync(path, 'utf8');
  expect(source).toContain('hello from the helper');
  expect(source).toMatch(/from "k6\/http"/);
  expect(source).toMatch(/"fromPerSecond":\s*3|fromPerSecond: 3/);
  expect(source).toMatch(/export \{[^}]*setup/s);
  expect(sha256).toBe(createHash('sha256').update(source).digest('hex'));
});

test.each([
  ['a syntax error', 'export default function () {\n  const = 1;\n}', /scenario\.ts:2:9: Expected identifier/],
  [
    'a missing import',
    'import { x } from "./nowhere.ts";\nexport default () => x;',
    /scenario\.ts:1:\d+: Could not resolve "\.\/nowhere\.ts"/,
  ],
  ['no iteration', 'export const options = {};', /scenario\.ts: has no default export/],
])('%s is told with its place', async (_, script, message) => {
  await expect(bundle(script)).rejects.toThrow(message);
  await expect(bundle(script)).rejects.toMatchObject({ code: 'invalid-scenario', exitCode: 2 });
});
