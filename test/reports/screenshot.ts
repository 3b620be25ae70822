/**
 * A picture of a report, for documents and change requests:
 *
 *   npx node test/reports/screenshot.ts <report.html> <out.png> [width=1280] [light|dark] [no-js]
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { launchChromium } from './chromium.ts';

const [report, out, width = '1280', colorScheme = 'light', scripts = 'js'] = process.argv.slice(2);
if (report === undefined || out === undefined) {
  process.stderr.write('usage: screenshot.ts <report.html> <out.png> [width] [light|dark] [no-js]\n');
  process.exit(2);
}

const browser = await launchChromium();
try {
  const page = await browser.newPage({
    viewport: { width: Number(width), height: 900 },
    deviceScaleFactor: Number(width) < 600 ? 2 : 1,
    colorScheme: colorScheme === 'dark' ? 'dark' : 'light',
    javaScriptEnabled: scripts !== 'no-js',
  });
  await page.goto(pathToFileURL(resolve(report)).href);
  await page.screenshot({ path: out, fullPage: true });
} finally {
  await browser.close();
}
