import { z } from 'zod';
import { sweepReportSchema } from './sweep.ts';

/** The JSON Schema of sweep.json, for other tools; a test guards the committed copy, `npm run schemas` writes it. */
export function sweepJsonSchema(): Record<string, unknown> {
  const generated = z.toJSONSchema(sweepReportSchema, { target: 'draft-2020-12' });
  return { title: "A cutover fault sweep's report (sweep.json)", ...generated };
}
