import { createHash } from 'node:crypto';
import type { Verdict } from '../model/verdict.ts';
import { type ClientAssets, loadClientAssets } from './assets.ts';
import type { ChartData } from './charts/chart.ts';
import { favicon } from './icons.ts';
import { type Markup, html, raw, scriptJson } from './markup.ts';
import { chartsSection } from './sections/charts.ts';
import { checksTable, findings } from './sections/checks.ts';
import { hero, stoppedBanner } from './sections/hero.ts';
import { operationsSection } from './sections/operations.ts';
import { environmentSection, notesSection } from './sections/provenance.ts';
import { timelineSection } from './sections/timeline.ts';

/**
 * The report as one HTML file that asks nothing of the network: styles, script and data are in it. Without scripts it reads
 * the same, with charts that stand still. Its content policy allows this very style and this very script, so that nothing that
 * comes from the system under test could ever run.
 */
export async function renderHtml(verdict: Verdict): Promise<string> {
  const assets = await loadClientAssets();
  const { outcome, experiment } = verdict;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${contentPolicy(assets)}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="referrer" content="no-referrer" />
        <title>${outcome.toUpperCase()}: ${experiment.name} – cutover</title>
        <link rel="icon" href="${favicon(outcome)}" />
        ${inlined('style', assets.style)}
      </head>
      <body>
        <main>
          ${hero(verdict)} ${stoppedBanner(verdict)} ${findings(verdict)} ${checksTable(verdict)}
          ${chartsSection(verdict)} ${operationsSection(verdict)} ${timelineSection(verdict)} ${notesSection(verdict)}
          ${environmentSection(verdict)}
        </main>
        <script type="application/json" id="chart-data">
          ${raw(scriptJson(chartData(verdict)))}
        </script>
        ${inlined('script', assets.script)}
      </body>
    </html> `;
  return page.text;
}

/** An element whose text is to the byte what the content policy has the hash of. */
function inlined(name: 'style' | 'script', text: string): Markup {
  return raw(`<${name}>${text}</${name}>`);
}

/** What the script draws from; figures with the digits that a chart can show, since long runs have many of them. */
function chartData({ timeline, phases, faults }: Verdict): ChartData {
  const rounded = JSON.stringify(timeline, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  );
  return { timeline: JSON.parse(rounded) as ChartData['timeline'], phases, faults };
}

function contentPolicy({ style, script }: ClientAssets): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  return [
    "default-src 'none'",
    `style-src ${hash(style)}`,
    `script-src ${hash(script)}`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}
