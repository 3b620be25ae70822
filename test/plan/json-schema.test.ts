import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { jsonSchemas } from '../../lib/plan/json-schema.ts';
import { aConfig, anExperiment } from './input.ts';

test.each(Object.entries(jsonSchemas))('%s is what the formats say; `npm run schemas` writes it', (name, make) => {
  const committed = readFileSync(new URL(`../../lib/plan/schema/${name}`, import.meta.url), 'utf8');
  expect(committed).toBe(`${JSON.stringify(make(), null, 2)}\n`);
});

test.each([
  ['experiment.schema.json', anExperiment(), { ...anExperiment(), budgetz: [] }],
  ['config.schema.json', aConfig(), { ...aConfig(), version: 2 }],
])('%s takes what the format takes and refuses what it refuses', (name, good, bad) => {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchemas[name]?.() ?? {});
  expect(validate(good), JSON.stringify(validate.errors)).toBe(true);
  expect(validate(bad)).toBe(false);
});
