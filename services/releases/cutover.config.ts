/**
 * The reference system as it is released: what the two ledgers tell each other passes through edges that can be broken, and so
 * does the way to the kill switch.
 *
 *   npm run cutover -- run -c services/releases/cutover.config.ts
 */
import { defineConfig } from 'cutover';
import base from '../../cutover.config.ts';
import { fromHere } from '../from-here.ts';

const { services, edges = {}, trafficSwitch } = base.system;
const [onlySwitch] = [trafficSwitch ?? []].flat();
const { engine, monolith } = services;
if (onlySwitch?.kill === undefined || engine === undefined || monolith === undefined) {
  throw new Error('the reference system has an engine, a monolith and a kill switch');
}

/** A service with other settings. */
function withEnv<S extends NonNullable<typeof engine>>(service: S, env: Readonly<Record<string, string>>): S {
  return 'process' in service
    ? { ...service, process: { ...service.process, env: { ...service.process.env, ...env } } }
    : service;
}

/** Through the edge that stands for the way an operator takes. */
function overAdmin<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value).replaceAll('http://{{monolith.http}}/admin/', 'http://{{edge.admin}}/admin/'),
  ) as T;
}

const replicationEvidence = (service: string) => ({ service, metric: 'replication_failures_total', labels: {} });

export default defineConfig({
  ...base,
  system: {
    services: fromHere({
      engine: withEnv(engine, { PEER_URL: 'http://{{edge.engine-replication}}' }),
      monolith: withEnv(monolith, { PEER_URL: 'http://{{edge.monolith-replication}}' }),
    }),
    edges: {
      ...edges,
      'engine-replication': {
        from: 'engine',
        to: 'monolith.http',
        protocol: 'http',
        evidence: replicationEvidence('engine'),
      },
      'monolith-replication': {
        from: 'monolith',
        to: 'engine.http',
        protocol: 'http',
        evidence: replicationEvidence('monolith'),
      },
      admin: { from: 'client', to: 'monolith.http', protocol: 'http' },
    },
    trafficSwitch: { ...onlySwitch, kill: overAdmin(onlySwitch.kill) },
  },
  output: '../../reports/out',
  defaults: {
    load: { scenario: '../../scenarios/peak-load.ts', env: { ...base.defaults?.load?.env } },
  },
  experiments: ['*.experiment.ts'],
});
