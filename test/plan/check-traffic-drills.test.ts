import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ConfigInput } from '../../lib/index.ts';
import { loadPlans } from '../../lib/plan/load-plans.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { PlanError } from '../../lib/plan/problem.ts';
import { tappedEdges } from '../../chaos/tap/tapped-edges.ts';
import { aConfig, anExperiment } from './input.ts';

const call = { method: 'PUT', url: 'http://{{edge.admin}}/kill' } as const;
const kill = { engage: call, release: call, read: { url: 'http://{{edge.admin}}/kill', pointer: '/engaged' } };
const read = { url: '{{shop}}/switch', pointer: '/share' };

function systemWith(trafficSwitch: object): ConfigInput['system'] {
  return {
    services: {
      shop: { url: 'http://127.0.0.1:8080' },
      stock: { process: { command: ['stock', '{{stock.http}}'] }, ports: ['http'] },
    },
    edges: {
      'shop-stock': { from: 'shop', to: 'stock.http', protocol: 'http' },
      'shop-mail': { from: 'shop', to: '127.0.0.1:25' },
      admin: { from: 'client', to: '127.0.0.1:8080', protocol: 'http' },
    },
    trafficSwitch: trafficSwitch as NonNullable<ConfigInput['system']['trafficSwitch']>,
  };
}
const SWITCH = { capabilities: ['pricing'], set: { method: 'PUT', url: '{{shop}}/switch' }, read, kill };

async function planOf(drill: object, trafficSwitch: object = SWITCH): Promise<Plan> {
  const cwd = mkdtempSync(join(tmpdir(), 'cutover-plan-'));
  try {
    const experiment = { ...anExperiment(), drills: [drill] };
    const config = aConfig({
      system: systemWith(trafficSwitch),
      experiments: [experiment as ReturnType<typeof anExperiment>],
    });
    writeFileSync(join(cwd, 'cutover.config.json'), JSON.stringify(config));
    const { plans } = await loadPlans({ cwd, names: [], overrides: [] });
    const [plan] = plans;
    if (plan === undefined) throw new Error('there is one experiment');
    return plan;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** "path: message" of every problem. */
async function problemsOf(drill: object, trafficSwitch?: object): Promise<readonly string[]> {
  try {
    await planOf(drill, trafficSwitch);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return error.problems.map(({ path, message }) => `${path.replace('experiments[0].drills[0].', '')}: ${message}`);
  }
  return [];
}

const traffic = { pricing: 'full' };
const budget = { operation: 'cart', under: '100ms', atLeast: '95%' };
const rollback = { kind: 'rollback', traffic, budget, within: '5s' };
const killSwitch = { kind: 'kill-switch', traffic, edges: [{ edge: 'shop-stock' }], within: '2s' };
const control = { edge: 'admin', fault: { kind: 'latency', edge: 'admin', latency: '200ms' } };
const blueGreen = { kind: 'blue-green', capabilities: ['pricing'], edges: [{ edge: 'shop-stock' }], budget };
const canary = { kind: 'canary', capability: 'pricing', analysis: { operation: 'cart', under: '50ms' } };

describe('drills that move traffic', () => {
  test('are laid out with their traffic and their faults', async () => {
    const fault = { kind: 'latency', edge: 'shop-stock', latency: '300ms' };
    const { load, faults } = await planOf({ ...rollback, fault });
    const steps = load.phases.slice(4).map(({ name, startMs, endMs, traffic: moved }) => [name, startMs, endMs, moved]);
    expect(steps).toEqual([
      ['rollback-shifted', 15_000, 20_000, traffic],
      ['rollback-bad', 20_000, 31_000, undefined],
      ['rollback-after', 31_000, 33_000, undefined],
    ]);
    // In force to the step's end: it is not the fault's end that helps.
    expect(faults).toMatchObject([{ name: 'rollback-bad', latencyMs: 300, startMs: 20_000, endMs: 31_000 }]);
    const alone = await planOf(rollback);
    expect(alone.load.phases.slice(4).map(({ name, traffic: moved }) => [name, moved])).toEqual([
      ['rollback-bad', traffic],
      ['rollback-after', undefined],
    ]);
  });

  test('have taps where calls are looked at', async () => {
    expect([...tappedEdges(await planOf(killSwitch))]).toEqual(['shop-stock']);
    expect([...tappedEdges(await planOf(blueGreen))]).toEqual(['shop-stock']);
    expect([...tappedEdges(await planOf(rollback))]).toEqual([]);
  });

  test('a canary has blocks with and without it in turn, and is moved by its act', async () => {
    const { load } = await planOf({ ...canary, shares: [50] });
    const blocks = load.phases.slice(4);
    expect(blocks.every((phase) => phase.traffic === undefined)).toBe(true);
    expect(blocks.map(({ name }) => name.replace('canary-', ''))).toEqual(
      [
        ['50-01-settle', '50-01', '50-02-settle', '50-02', '50-03', '50-04-settle', '50-04', '50-05', '50-06-settle'],
        ['50-06', '50-07', '50-08-settle', '50-08', '50-09', '50-10-settle', '50-10', '50-11', '50-12-settle', '50-12'],
        ['50-analysis'],
      ].flat(),
    );
  });

  test.each<[string, object, object | undefined, string[]]>([
    [
      'an unknown capability',
      { ...rollback, traffic: { prices: 'full' } },
      undefined,
      ['traffic.prices: unknown capability'],
    ],
    ['no capability', { ...rollback, traffic: {} }, undefined, ['traffic: must name a capability']],
    [
      'no kill switch',
      rollback,
      { ...SWITCH, kill: undefined },
      [': the traffic switch of "pricing" has no kill switch'],
    ],
    [
      'a rollback that needs none',
      { ...rollback, by: { traffic: { pricing: 'off' } } },
      { ...SWITCH, kill: undefined },
      [],
    ],
    [
      'a fault on an edge that there is not',
      { ...rollback, fault: { kind: 'down', edge: 'shop-stok' } },
      undefined,
      ['fault.edge: unknown edge'],
    ],
    [
      'a fault with a time of its own',
      { ...rollback, fault: { kind: 'down', edge: 'shop-stock', at: '3s' } },
      undefined,
      ['fault: must not have a name or a time of its own: the drill says when it is in force'],
    ],
    [
      'a fault whose attributes cannot be',
      { ...rollback, fault: { kind: 'slicer', edge: 'shop-stock', average: '1kB', variation: '2kB' } },
      undefined,
      ['fault.variation: must be less than the average (1000 bytes)'],
    ],
    [
      'an edge without calls, and one twice',
      { ...killSwitch, edges: [{ edge: 'shop-stock' }, { edge: 'shop-mail' }, { edge: 'shop-stock' }] },
      undefined,
      ['edges[1].edge: carries bytes of an unknown protocol: it has no calls', 'edges[2].edge: is in this drill twice'],
    ],
    [
      'a bound that nothing can meet',
      { ...killSwitch, within: '10ms' },
      undefined,
      ['within: is shorter than a call takes'],
    ],
    ['a way to the switch that is disturbed', { ...killSwitch, control }, undefined, []],
    [
      'a way to the switch that it does not take',
      { ...killSwitch, control: { edge: 'shop-stock', fault: { kind: 'down', edge: 'shop-stock' }, for: '1s' } },
      undefined,
      ['control.edge: is not the way that the kill switch is called'],
    ],
    [
      'a fault elsewhere',
      { ...killSwitch, control: { ...control, fault: { kind: 'down', edge: 'shop-stock' } } },
      undefined,
      ['control.fault: must be on the same edge'],
    ],
    [
      'a way that is cut for too long',
      { ...killSwitch, control: { ...control, for: '2s' } },
      undefined,
      ['control.for: must be shorter than `within`'],
    ],
    [
      'sides that are too short',
      { ...blueGreen, hold: '3s' },
      undefined,
      ['hold: is too short to see where the traffic is after `within`'],
    ],
    ['shares that do not rise', { ...canary, shares: [50, 25] }, undefined, ['shares: must rise']],
    [
      'too few blocks',
      { ...canary, analysis: { ...canary.analysis, blocks: 5, falseAlarm: '0.1%' } },
      undefined,
      ['analysis.blocks: are too few to be sure of anything'],
    ],
  ])('%s', async (_, drill, trafficSwitch, expected) => {
    const found = await problemsOf(drill, trafficSwitch);
    expect(found.map((problem) => problem.replace(/^experiments\[0\]\.drills\[0\]/, ''))).toEqual(expected);
  });
});

describe('a switch that writes a file', () => {
  const reload = { command: ['reload'] };
  const set = (template: unknown) => ({ ...SWITCH, set: { file: 'routes.json', template, reload } });
  const both = (template: unknown) => ({ ...set(template), capabilities: ['pricing', 'ledger'] });
  const template = 'system.trafficSwitch.set.template';
  test.each<[string, object, string[]]>([
    ['one share', set('{"candidate":{{share}},"baseline":{{rest}},"mode":"{{mode}}"}'), []],
    ['a template for each mode', set({ off: 'off', canary: '{{share}}%', full: 'on' }), []],
    ['no share', set('{"mode":"{{mode}}"}'), [`${template}: does not hold the share of "pricing"`]],
    ['an unknown placeholder', set('{{share}} {{shar}}'), [`${template}: unknown placeholder {{shar}}`]],
    ['two shares', both('{{share.pricing}} {{rest.ledger}}'), []],
    ['one of two shares', both('{{share.pricing}}'), [`${template}: does not hold the share of "ledger"`]],
    ['whose share is it?', both('{{share}}'), [`${template}: {{share}} stands for one of several capabilities`]],
    [
      'modes of two',
      both({ off: 'off', canary: '{{share.pricing}}', full: 'on' }),
      [`${template}: is one for each mode, and there are several capabilities`],
    ],
    [
      'a file of two switches',
      [set('{{share}}'), { ...set('{{share}}'), capabilities: ['ledger'] }],
      ['system.trafficSwitch[1].set.file: is written by two switches'],
    ],
    [
      'a kill switch for a capability',
      { ...SWITCH, kill: { ...kill, engage: { url: '{{shop}}/{{capability}}' } } },
      ['system.trafficSwitch.kill.engage.url: unknown placeholder {{capability}}'],
    ],
  ])('%s', async (_, trafficSwitch, expected) => {
    expect(await problemsOf(canary, trafficSwitch)).toEqual(expected);
  });
});
