import { writeFileSync } from 'node:fs';
import { capacityJsonSchema } from './capacity-schema.ts';
import { verdictJsonSchema } from './schema.ts';
import { sweepJsonSchema } from './sweep-schema.ts';

const SCHEMAS = {
  'verdict.schema.json': verdictJsonSchema(),
  'capacity.schema.json': capacityJsonSchema(),
  'sweep.schema.json': sweepJsonSchema(),
};

for (const [name, schema] of Object.entries(SCHEMAS)) {
  writeFileSync(new URL(name, import.meta.url), `${JSON.stringify(schema, null, 2)}\n`);
}
