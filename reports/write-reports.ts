import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { renderHtml } from './html/html.ts';
import { renderJunit } from './junit/junit.ts';
import { renderMarkdown } from './markdown/markdown.ts';
import type { Verdict } from './model/verdict.ts';

/** Writes a verdict and everything that is rendered from it into the run folder. */
export async function writeReports(folder: string, verdict: Verdict): Promise<void> {
  // The verdict first: whatever a renderer may stumble over, the result is there.
  await writeFile(join(folder, 'verdict.json'), `${JSON.stringify(verdict, null, 2)}\n`);
  await Promise.all([
    writeFile(join(folder, 'report.html'), await renderHtml(verdict)),
    writeFile(join(folder, 'junit.xml'), renderJunit(verdict)),
    writeFile(join(folder, 'summary.md'), renderMarkdown(verdict)),
  ]);
}
