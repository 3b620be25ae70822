import type { Compared as Row } from '../../../reports/model/verdict.ts';
import type { Compared, Comparison } from '../../plan/schema/comparison.ts';
import { bytes, milliseconds, operationName, percent, perSecond } from '../words.ts';
import type { Question } from './decide.ts';

/** "quote p95", "errors of all operations", "CPU a request". */
export function titleOf(compared: Compared): string {
  switch (compared.of) {
    case 'latency':
      return `${operationName(compared)} p${Number((compared.quantile * 100).toFixed(3))}`;
    case 'errors':
      return `errors of ${operationName(compared)}`;
    case 'throughput':
      return 'throughput';
    case 'cpu-per-request':
      return `CPU a request${ofServices(compared.services)}`;
    case 'memory':
      return `memory${ofServices(compared.services)}`;
    default:
      return compared satisfies never;
  }
}

function ofServices(services: readonly string[] | undefined): string {
  return services === undefined ? '' : ` (${services.join(' + ')})`;
}

/** As lib/plan/redact.ts has it, which the judge may not import; a test holds the two together. */
const SECRET_NAME = /token|secret|passw|credential|api[-_]?key|authorization|cookie/i;

function withoutSecret(value: string, name: string): string {
  if (value !== '' && SECRET_NAME.test(name)) return '[redacted]';
  return value.replace(/^([a-z]+:\/\/)[^/@\s]+@/i, '$1[redacted]@');
}

/** What makes the blocks of one side: "pricing full, URL=http://…"; "as it is" for nothing. Secrets are left out. */
export function variantText({ traffic, env }: Comparison['baseline']): string {
  const moved = Object.entries(traffic).map(
    ([capability, to]) => `${capability} ${typeof to === 'string' ? to : `canary ${to.canary} %`}`,
  );
  const variables = Object.entries(env).map(([name, value]) => `${name}=${withoutSecret(value, name)}`);
  const all = [...moved, ...variables];
  return all.length === 0 ? 'as it is' : all.join(', ');
}

export function unitOf(compared: Compared): Row['unit'] {
  switch (compared.of) {
    case 'latency':
      return 'ms';
    case 'errors':
      return 'ratio';
    case 'throughput':
      return 'per-second';
    case 'cpu-per-request':
      return 'cpu-ms';
    case 'memory':
      return 'bytes';
    default:
      return compared satisfies never;
  }
}

export function valueText(value: number, unit: Row['unit']): string {
  switch (unit) {
    case 'ms':
    case 'cpu-ms':
      return milliseconds(value);
    case 'ratio':
      return percent(value);
    case 'per-second':
      return perSecond(value);
    case 'bytes':
      return bytes(value);
    default:
      return unit satisfies never;
  }
}

/** "+4.2 %", or "+0.1 points" of a share. */
export function effectText(value: number, { effect }: Question): string {
  if (!Number.isFinite(value)) return value > 0 ? '+∞' : '−∞';
  const change = (effect === 'ratio' ? value - 1 : value) * 100;
  const shown = Number(Math.abs(change).toFixed(effect === 'ratio' ? 1 : 3));
  return `${shown === 0 ? '±' : change > 0 ? '+' : '−'}${shown} ${effect === 'ratio' ? '%' : 'points'}`;
}

export function limitText({ effect, higherIsBetter, margin }: Question): string {
  const amount = `${Number((margin * 100).toFixed(3))} ${effect === 'ratio' ? '%' : 'points'}`;
  return `at most ${amount} ${higherIsBetter ? 'less' : 'more'}`;
}
