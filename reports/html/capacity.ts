import type { CapacityReport } from '../model/capacity.ts';
import { loadStyle } from './assets.ts';
import { renderPage } from './page.ts';
import { capacityCharts } from './sections/capacity/charts.ts';
import { capacityHero } from './sections/capacity/hero.ts';
import { probesSection } from './sections/capacity/probes.ts';
import { scalabilitySection } from './sections/capacity/scalability.ts';
import { environmentSection, notesSection } from './sections/provenance.ts';

/** The report of a capacity search, a page without any script. */
export async function renderCapacityHtml(report: CapacityReport): Promise<string> {
  return renderPage({
    title: `capacity of ${report.experiment.name}`,
    outcome: report.outcome,
    style: await loadStyle(),
    body: [
      capacityHero(report),
      capacityCharts(report),
      probesSection(report),
      scalabilitySection(report),
      notesSection(report),
      environmentSection(report, 'capacity.json'),
    ],
  });
}
