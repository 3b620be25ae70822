import { writeFileSync } from 'node:fs';
import { verdictJsonSchema } from './schema.ts';

writeFileSync(new URL('verdict.schema.json', import.meta.url), `${JSON.stringify(verdictJsonSchema(), null, 2)}\n`);
