import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderSweepHtml } from './html/sweep.ts';
import { renderSweepJunit } from './junit/sweep.ts';
import { renderSweepMarkdown } from './markdown/sweep.ts';
import type { SweepReport } from './model/sweep.ts';

/** Writes the report of a fault sweep and everything that is rendered from it into its folder. */
export async function writeSweepReports(folder: string, report: SweepReport): Promise<void> {
  // The report first: whatever a renderer may stumble over, the result is there.
  await writeFile(join(folder, 'sweep.json'), `${JSON.stringify(report, null, 2)}\n`);
  await Promise.all([
    writeFile(join(folder, 'report.html'), await renderSweepHtml(report)),
    writeFile(join(folder, 'junit.xml'), renderSweepJunit(report)),
    writeFile(join(folder, 'summary.md'), renderSweepMarkdown(report)),
  ]);
}
