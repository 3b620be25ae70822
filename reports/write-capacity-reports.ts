import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderCapacityHtml } from './html/capacity.ts';
import { renderCapacityJunit } from './junit/capacity.ts';
import { renderCapacityMarkdown } from './markdown/capacity.ts';
import type { CapacityReport } from './model/capacity.ts';

/** Writes the report of a capacity search and everything that is rendered from it into its folder. */
export async function writeCapacityReports(folder: string, report: CapacityReport): Promise<void> {
  // The report first: whatever a renderer may stumble over, the result is there.
  await writeFile(join(folder, 'capacity.json'), `${JSON.stringify(report, null, 2)}\n`);
  await Promise.all([
    writeFile(join(folder, 'report.html'), await renderCapacityHtml(report)),
    writeFile(join(folder, 'junit.xml'), renderCapacityJunit(report)),
    writeFile(join(folder, 'summary.md'), renderCapacityMarkdown(report)),
  ]);
}
