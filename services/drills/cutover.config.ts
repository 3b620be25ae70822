/**
 * The reference system twice, so that every drill runs over both protocols at the same time: one monolith whose clients and
 * whose engine speak gRPC, and one (with "-http" after each name) that speaks HTTP all the way.
 *
 *   npm run cutover -- run -c services/drills/cutover.config.ts
 */
import { defineConfig } from 'cutover';
import base from '../../cutover.config.ts';
import { fromHere } from '../from-here.ts';

const { services, edges = {}, trafficSwitch } = base.system;
const [grpcSwitch] = [trafficSwitch ?? []].flat();
if (grpcSwitch === undefined) throw new Error('the reference system has a traffic switch');

/** Every name of the first system's in these gets the ending that the second one's have. */
function overHttp<T>(value: T): T {
  const text = JSON.stringify(value)
    .replaceAll(/\{\{(edge\.[\w-]+)\}\}/g, '{{$1-http}}')
    .replaceAll(/\{\{(engine|monolith)\./g, '{{$1-http.')
    .replaceAll('grpc://', 'http://');
  return JSON.parse(text) as T;
}

const httpServices = Object.fromEntries(
  Object.entries(services).map(([name, service]) => [`${name}-http`, overHttp(service)]),
);
const httpEdges = Object.fromEntries(
  Object.entries(edges).map(([name, edge]) => [
    `${name}-http`,
    {
      ...edge,
      from: 'monolith-http',
      to: 'engine-http.http',
      protocol: 'http' as const,
      ...(edge.evidence === undefined ? {} : { evidence: { ...edge.evidence, service: 'monolith-http' } }),
      tap: { timeoutHeader: 'X-Request-Timeout-Ms', idempotencyKey: { header: 'Idempotency-Key' } },
    },
  ]),
);
// Each capability of the second monolith's has a switch of its own: its name there is without the ending.
const httpSwitches = grpcSwitch.capabilities.map((capability) => {
  const named = overHttp(
    JSON.parse(JSON.stringify(grpcSwitch).replaceAll('{{capability}}', capability)) as typeof grpcSwitch,
  );
  return { ...named, capabilities: [`${capability}-http`] };
});

export default defineConfig({
  ...base,
  system: {
    services: fromHere({ ...services, ...httpServices }),
    edges: { ...edges, ...httpEdges },
    trafficSwitch: [grpcSwitch, ...httpSwitches],
  },
  output: '../../reports/out',
  defaults: {
    load: {
      scenario: '../../scenarios/peak-load.ts',
      env: { ...base.defaults?.load?.env, HTTP_URL: 'http://{{monolith-http.http}}' },
    },
  },
  experiments: ['*.experiment.ts'],
});

/** Headers or metadata of a client of the reference system. */
export const authorization = { authorization: `Bearer ${base.defaults?.load?.env?.['API_TOKEN'] ?? ''}` };
