import { createHash } from 'node:crypto';
import type { Plan } from './plan.ts';

const SECRET_NAME = /token|secret|passw|credential|api[-_]?key|authorization|cookie/i;
export const REDACTED = '[redacted]';

/** The plan as it goes into the run folder: values whose name says that they are secret, and all below one, are left out. */
export function redactPlan(plan: Plan): Plan {
  return redact(plan, false) as Plan;
}

/** SHA-256 of the redacted plan: the same for two runs of the same experiment, whatever tokens they were given. */
export function planSha256(plan: Plan): string {
  return createHash('sha256')
    .update(JSON.stringify(redactPlan(plan)))
    .digest('hex');
}

function redact(value: unknown, secret: boolean): unknown {
  if (typeof value === 'string') {
    if (value !== '' && secret) return REDACTED;
    return value.replace(/^([a-z]+:\/\/)[^/@\s]+@/i, `$1${REDACTED}@`);
  }
  if (Array.isArray(value)) return value.map((element) => redact(element, secret));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, element]) => [key, redact(element, secret || SECRET_NAME.test(key))]),
    );
  }
  return value;
}
