import { outcomeWord } from '../format/sweep.ts';
import type { SweepReport } from '../model/sweep.ts';
import { loadStyle } from './assets.ts';
import { renderPage } from './page.ts';
import { environmentSection, notesSection } from './sections/provenance.ts';
import { cellsSection } from './sections/sweep/cells.ts';
import { heatMaps } from './sections/sweep/heat-map.ts';
import { sweepHero } from './sections/sweep/hero.ts';
import { leftOutSection } from './sections/sweep/left-out.ts';

/** The report of a fault sweep, a page without any script. */
export async function renderSweepHtml(report: SweepReport): Promise<string> {
  return renderPage({
    title: `faults on ${report.experiment.name}`,
    outcome: report.outcome,
    word: outcomeWord(report),
    style: await loadStyle(['sweep']),
    body: [
      sweepHero(report),
      heatMaps(report),
      cellsSection(report),
      leftOutSection(report),
      notesSection(report),
      environmentSection(report, 'sweep.json'),
    ],
  });
}
