import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { jsonSchemas } from '../json-schema.ts';

for (const [name, make] of Object.entries(jsonSchemas)) {
  writeFileSync(fileURLToPath(new URL(name, import.meta.url)), `${JSON.stringify(make(), null, 2)}\n`);
}
