import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '../../lib/index.ts';
import { loadPlans } from '../../lib/plan/load-plans.ts';
import type { Plan } from '../../lib/plan/plan.ts';
import { PlanError, type Problem } from '../../lib/plan/problem.ts';
import { aConfig, anExperiment } from './input.ts';

/** A system with edges of every protocol, services of either kind, and a traffic switch. */
const SYSTEM: ConfigInput['system'] = {
  services: {
    shop: { url: 'http://127.0.0.1:8080' },
    stock: { process: { command: ['stock', '{{stock.http}}', '{{data}}'] }, ports: ['http', 'grpc'] },
    mail: { process: { command: ['mail', '{{mail.smtp}}'] }, ports: ['smtp'] },
  },
  edges: {
    'shop-stock': { from: 'shop', to: 'stock.http', protocol: 'http' },
    'shop-prices': { from: 'shop', to: 'stock.grpc', protocol: 'grpc' },
    'shop-mail': { from: 'shop', to: 'mail.smtp' },
  },
  trafficSwitch: {
    capabilities: ['pricing'],
    set: { method: 'PUT', url: '{{shop}}/switch' },
    read: { url: '{{shop}}/switch', pointer: '/share' },
  },
};

/** The experiment of these tests (steady from 2 s to 7 s, broken to 12 s, recovery to 15 s) with that changed. */
export function withChanges(changes: object): ConfigInput {
  return aConfig({ system: SYSTEM, experiments: [{ ...anExperiment(), ...changes }] });
}

export async function planOf(changes: object): Promise<Plan> {
  const cwd = mkdtempSync(join(tmpdir(), 'cutover-plan-'));
  try {
    writeFileSync(join(cwd, 'cutover.config.json'), JSON.stringify(withChanges(changes)));
    const { plans } = await loadPlans({ cwd, names: [], overrides: [] });
    const [plan] = plans;
    if (plan === undefined) throw new Error('there is one experiment');
    return plan;
  } finally {
    rmSync(cwd, { recursive: true, force: true });
  }
}

/** Every problem of the experiment: its path within it, the value, what is wrong, and the hint. */
export async function problemsOf(changes: object): Promise<readonly Omit<Problem, 'file'>[]> {
  try {
    await planOf(changes);
  } catch (error) {
    if (!(error instanceof PlanError)) throw error;
    return error.problems.map(({ path, value, message, hint }) => ({
      path: path.replace('experiments[0].', ''),
      message,
      ...(value === undefined ? {} : { value }),
      ...(hint === undefined ? {} : { hint }),
    }));
  }
  return [];
}
