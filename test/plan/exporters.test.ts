import { expect, test } from 'vitest';
import { checkTraces } from '../../lib/plan/check-traces.ts';
import { experimentSchema } from '../../lib/plan/schema/experiment.ts';
import { systemSchema } from '../../lib/plan/schema/system.ts';
import { anExperiment } from './input.ts';

const shop = (env: object) => ({ process: { command: ['shop'], env } });

function problems(services: object, asked: object): string[] {
  const found: string[] = [];
  const experiment = experimentSchema.parse({ ...anExperiment(), ...asked });
  checkTraces(experiment, systemSchema.parse({ services }), ['steady'], (path, _, message) =>
    found.push(`${path} ${message}`),
  );
  return found;
}

const NOBODY = 'no service exports to {{otlp.http}} or {{otlp.grpc}}';

test.each<readonly [string, object, object, readonly string[]]>([
  ['nobody exports', { shop: shop({}) }, { traces: {} }, [`traces ${NOBODY}`]],
  ['nor for the drill', { shop: shop({}) }, { drills: [{ kind: 'collector' }] }, [`drills[0] ${NOBODY}`]],
  ['it is told once', { shop: shop({}) }, { traces: {}, drills: [{ kind: 'collector' }] }, [`traces ${NOBODY}`]],
  ['one exports', { shop: shop({ OTLP: 'http://{{ otlp.http }}' }), other: shop({}) }, { traces: {} }, []],
  ['one runs already, and may', { shop: shop({}), other: { url: 'http://127.0.0.1:1' } }, { traces: {} }, []],
  ['nobody asks', { shop: shop({}) }, {}, []],
])('%s', (_, services, asked, expected) => {
  expect(problems(services, asked)).toEqual(expected);
});
