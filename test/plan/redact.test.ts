import { expect, test } from 'vitest';
import type { Plan } from '../../lib/plan/plan.ts';
import { planSha256, redactPlan } from '../../lib/plan/redact.ts';

function aPlan(token: string, rate: string): Plan {
  const services = {
    shop: { process: { command: ['shop'], env: { API_TOKEN: token, RATE: rate }, stopTimeout: 1_000 }, ports: [] },
    db: { url: `http://admin:${token}@127.0.0.1:5432/x` },
  };
  return { system: { services, edges: {} }, load: { env: { PASSWORD: token } } } as unknown as Plan;
}

test('secrets do not reach the run folder, whatever they are called', () => {
  const text = JSON.stringify(redactPlan(aPlan('hunter2', '5')));
  expect(text).not.toContain('hunter2');
  expect(text).toContain('"RATE":"5"');
});

test('the hash is that of the plan, not of the token of the day', () => {
  expect(planSha256(aPlan('a', '5'))).toBe(planSha256(aPlan('b', '5')));
  expect(planSha256(aPlan('a', '5'))).not.toBe(planSha256(aPlan('a', '6')));
});

test('what stands below a secret name is secret too', () => {
  const drills = [{ kind: 'boundary', tokens: { client: { valid: 'hunter2', expired: 'hunter3' } }, keys: ['open'] }];
  const text = JSON.stringify(redactPlan({ drills } as unknown as Plan));
  expect(text).not.toContain('hunter');
  expect(text).toContain('open');
});
