import { formatFigure, formatNumber, formatPercent, UNKNOWN } from '../../../format/figures.ts';
import { keepFiguresTogether } from '../../../format/plain-text.ts';
import type { CapacityReport, Probe } from '../../../model/capacity.ts';
import { outcomeChip } from '../../icons.ts';
import { type Markup, html } from '../../markup.ts';
import { reportLink } from '../../report-link.ts';

const PURPOSES: Readonly<Record<Probe['purpose'], string>> = {
  first: 'first rate',
  climb: 'climb',
  repeat: 'once more',
  narrow: 'narrow down',
  confirm: 'confirm',
};

const FIGURES = ['Offered', 'Achieved', 'In the system', 'p50', 'p99', 'Failed'];

/** Every probe in the order of time, with the way to its own report. */
export function probesSection({ probes }: CapacityReport): Markup | undefined {
  if (probes.length === 0) return undefined;
  return html`<section aria-labelledby="probes">
    <h2 id="probes">Probes</h2>
    <p class="note">
      In the order of time. A probe that does not hold is no failure of the search: the bound lies between those that
      hold and those that do not.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Probes">
      <table class="figures probes stacking" role="table">
        <caption class="hidden">
          Probes in the order of time
        </caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">Probe</th>
            <th role="columnheader" scope="col">Outcome</th>
            ${FIGURES.map((name) => html`<th role="columnheader" scope="col" class="number">${name}</th>`)}
            <th role="columnheader" scope="col">Why</th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${probes.map(probeRow)}
        </tbody>
      </table>
    </div>
    ${resources(probes)}
  </section>`;
}

/** As in the table of checks: the roles are said again because narrow screens show the cells as blocks. */
function probeRow(probe: Probe): Markup {
  const { index, purpose, outcome, perSecond, achievedPerSecond, concurrency, p50Ms, p99Ms, failedRatio } = probe;
  const numbers = [
    formatFigure(perSecond, 'perSecond'),
    formatFigure(achievedPerSecond, 'perSecond'),
    concurrency === undefined ? UNKNOWN : formatNumber(concurrency),
    formatFigure(p50Ms, 'ms'),
    formatFigure(p99Ms, 'ms'),
    failedRatio === undefined ? UNKNOWN : formatPercent(failedRatio),
  ];
  return html`<tr role="row" class="is-${outcome}">
    <th role="rowheader" scope="row">
      <a href="${reportLink(probe.folder)}">Probe ${index}</a> <span class="note">${PURPOSES[purpose]}</span>
    </th>
    <td role="cell">${outcomeChip(outcome)}</td>
    ${numbers.map((text, at) => html`<td role="cell" data-label="${FIGURES[at]}" class="number">${text}</td>`)}
    <td role="cell" class="why">${why(probe)}</td>
  </tr> `;
}

function why({ reason, broken, generatorLimited }: Probe): Markup {
  const also = broken.length > 1 ? html` <span class="note">Broken: ${broken.join('; ')}.</span>` : '';
  const limited = generatorLimited ? html` <span class="tag">load generator at its end</span>` : '';
  return html`${keepFiguresTogether(reason)}${also}${limited}`;
}

/** Average cores by source and largest memory by service, a row a probe. */
function resources(probes: readonly Probe[]): Markup | undefined {
  const names = (of: (probe: Probe) => Readonly<Record<string, number>>) =>
    [...new Set(probes.flatMap((probe) => Object.keys(of(probe))))].toSorted();
  const cpu = names(({ cpuCores }) => cpuCores);
  const memory = names(({ rssBytes }) => rssBytes);
  if (cpu.length + memory.length === 0) return undefined;
  return html`<h3>Resources by probe</h3>
    <div class="scroll" tabindex="0" role="region" aria-label="Resources by probe">
      <table class="figures">
        <caption class="hidden">
          Resources by probe
        </caption>
        <thead>
          <tr>
            <th scope="col">Probe</th>
            <th scope="col" class="number">Offered</th>
            ${cpu.map((name) => html`<th scope="col" class="number">${name} CPU</th>`)}${memory.map((name) => html`<th scope="col" class="number">${name} memory</th>`)}
          </tr>
        </thead>
        <tbody>
          ${probes.map(
            ({ index, perSecond, cpuCores, rssBytes }) =>
              html`<tr>
                <th scope="row">Probe ${index}</th>
                <td class="number">${formatFigure(perSecond, 'perSecond')}</td>
                ${cpu.map((name) => html`<td class="number">${formatFigure(cpuCores[name], 'cores')}</td>`)}${memory.map((name) => html`<td class="number">${formatFigure(rssBytes[name], 'bytes')}</td>`)}
              </tr> `,
          )}
        </tbody>
      </table>
    </div>`;
}
