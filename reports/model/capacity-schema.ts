import { z } from 'zod';
import { capacityReportSchema } from './capacity.ts';

/** The JSON Schema of capacity.json, for other tools; a test guards the committed copy, `npm run schemas` writes it. */
export function capacityJsonSchema(): Record<string, unknown> {
  const generated = z.toJSONSchema(capacityReportSchema, { target: 'draft-2020-12' });
  return { title: "A cutover capacity search's report (capacity.json)", ...generated };
}
