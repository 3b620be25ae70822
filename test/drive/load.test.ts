import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { bundleScenario } from '../../lib/drive/bundle.ts';
import { startLoad } from '../../lib/drive/load.ts';
import { startReceiver } from '../../lib/observe/receiver.ts';
import type { Phase, Plan } from '../../lib/plan/plan.ts';
import { K6_BUILD_TIMEOUT_MS, realK6 } from '../helpers/k6.ts';
import { testContext, testGuard } from '../helpers/run-context.ts';

let k6: string;
beforeAll(async () => {
  k6 = await realK6();
}, K6_BUILD_TIMEOUT_MS);

const [first, second] = ['first', 'second'].map((name, index): Phase => {
  const startMs = index * 500;
  return { name, startMs, endMs: startMs + 500, fromPerSecond: 40, toPerSecond: 40 };
}) as [Phase, Phase];

/** Drives a script to its end, as a run does; gives what it wrote to its console, and k6's log. */
async function drive(script: string, recordWrites: boolean, phases: readonly Phase[] = [first, second]) {
  await using context = await testContext();
  await mkdir(join(context.folder, 'logs'), { recursive: true });
  const scenario = join(context.folder, 'script.js');
  writeFileSync(scenario, script);
  const plan: Plan = {
    version: 1,
    experiment: 'driven',
    description: '',
    seed: 1,
    root: '/',
    system: { services: {}, edges: {} },
    traffic: {},
    load: { scenario, env: { WHO: '{{shop}}' }, phases, steady: 'first', maxVUs: 10, recordWrites },
    faults: [],
    drills: [],
    budgets: [],
  };
  const bundle = await bundleScenario(plan, join(context.folder, 'scenario.js'));
  await using receiver = await startReceiver(() => {});
  const guard = testGuard();
  const beforeMs = Date.now();
  await using load = await startLoad({
    plan,
    context,
    bundle,
    k6,
    runId: 'test',
    receiver,
    resolve: (text) => text.replace('{{shop}}', '127.0.0.1:1'),
    guard,
  });
  const startedMs = await load.started;
  const exit = await load.exited;
  const read = (name: string) => readFileSync(join(context.folder, name), 'utf8');
  return {
    exit,
    startedAfterMs: startedMs - beforeMs,
    startedBeforeNowMs: Date.now() - startedMs,
    log: read('logs/k6.log'),
    writes: recordWrites ? read('writes.ndjson') : '',
  };
}

const messages = (ndjson: string) =>
  ndjson
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { msg: string }).msg);

describe('where writes are recorded', { timeout: 60_000 }, () => {
  test('they are in a file of their own, and the start is found however much a setup writes', async () => {
    const { exit, startedAfterMs, startedBeforeNowMs, writes, log } = await drive(
      `export function setup() { for (let i = 0; i < 1000; i += 1) console.log('seeded ' + i + '-'.repeat(200)); }
       export default function () { console.log('write ' + __ENV.RECORD_WRITES); }`,
      true,
    );
    expect(exit.code).toBe(0);
    expect(startedAfterMs).toBeGreaterThan(0);
    expect(startedBeforeNowMs).toBeGreaterThanOrEqual(1_000);
    const written = messages(writes);
    expect(written.filter((message) => message.startsWith('seeded'))).toHaveLength(1_000);
    expect(written.filter((message) => message === 'write on').length).toBeGreaterThan(30);
    expect(log).not.toContain('write on');
  });
});

describe('where they are not', { timeout: 60_000 }, () => {
  test('the console is in the log; variables of the load are resolved', async () => {
    const { exit, startedBeforeNowMs, log } = await drive(
      `export default function () { console.log(__ENV.WHO + ' ' + __ENV.RECORD_WRITES); }`,
      false,
    );
    expect(exit.code).toBe(0);
    expect(startedBeforeNowMs).toBeGreaterThanOrEqual(1_000);
    expect(log).toContain('127.0.0.1:1 undefined');
  });

  test('variables of phases are resolved and change with the phase', async () => {
    const setting = new URL('../../scenarios/support/iteration.ts', import.meta.url).pathname;
    const { log } = await drive(
      `import { iteration } from ${JSON.stringify(setting)};
       export default function () { console.log('at ' + iteration.variables.TARGET); }`,
      false,
      [
        { ...first, env: { TARGET: '{{shop}}/a' } },
        { ...second, env: { TARGET: 'b' } },
      ],
    );
    const order = messages(log).filter((message) => message.startsWith('at '));
    expect(new Set(order)).toEqual(new Set(['at 127.0.0.1:1/a', 'at b']));
    expect(order[0]).toBe('at 127.0.0.1:1/a');
    expect(order.at(-1)).toBe('at b');
  });
});

test('a script that k6 refuses is told with its reason', { timeout: 60_000 }, async () => {
  await expect(drive(`export default function () {} throw new Error('no luck today');`, true)).rejects.toThrow(
    /k6 refused the scenario \(exit code 107\):[^]*no luck today/,
  );
});
