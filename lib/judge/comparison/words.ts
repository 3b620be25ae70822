import type { Compared, Comparison } from '../../plan/schema/comparison.ts';
import { operationName } from '../words.ts';

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

/** What makes the blocks of one side: "pricing full, URL=http://…"; "as it is" for nothing. */
export function variantText({ traffic, env }: Comparison['baseline']): string {
  const moved = Object.entries(traffic).map(
    ([capability, to]) => `${capability} ${typeof to === 'string' ? to : `canary ${to.canary} %`}`,
  );
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const all = [...moved, ...variables];
  return all.length === 0 ? 'as it is' : all.join(', ');
}
