import type { Verdict } from '../model/verdict.ts';
import { loadClientAssets } from './assets.ts';
import { type ChartData, chartDataOf } from './charts/chart.ts';
import { stretchOf, thinTimeline } from './charts/thin.ts';
import { scriptJson } from './markup.ts';
import { renderPage } from './page.ts';
import { chartsSection } from './sections/charts.ts';
import { checksTable, findings } from './sections/checks.ts';
import { comparisonSection } from './sections/comparison.ts';
import { drillsSection } from './sections/drills.ts';
import { hero, stoppedBanner } from './sections/hero.ts';
import { operationsSection } from './sections/operations.ts';
import { environmentSection, notesSection } from './sections/provenance.ts';
import { timelineSection } from './sections/timeline.ts';
import { wholeRunSections } from './sections/whole-run.ts';

/** The report of a run. Without scripts it reads the same, with charts that stand still. */
export async function renderHtml(verdict: Verdict): Promise<string> {
  const { style, script } = await loadClientAssets();
  const shown: Verdict = { ...verdict, timeline: thinTimeline(verdict.timeline) };
  return renderPage({
    title: verdict.experiment.name,
    outcome: verdict.outcome,
    style,
    client: { script, data: scriptJson(roundedData(chartDataOf(shown))) },
    body: [
      hero(shown),
      stoppedBanner(shown),
      findings(shown),
      checksTable(shown),
      drillsSection(shown),
      ...wholeRunSections(shown),
      comparisonSection(shown),
      chartsSection(shown, stretchOf(verdict.timeline)),
      operationsSection(shown),
      timelineSection(shown),
      notesSection(shown),
      environmentSection(shown, 'verdict.json'),
    ],
  });
}

/** What the script draws from; figures with the digits that a chart can show, since long runs have many of them. */
function roundedData({ timeline, ...windows }: ChartData): ChartData {
  const rounded = JSON.stringify(timeline, (_key, value: unknown) =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value,
  );
  return { timeline: JSON.parse(rounded) as ChartData['timeline'], ...windows };
}
