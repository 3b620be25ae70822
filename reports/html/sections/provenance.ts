import { formatFigure, formatMoment } from '../../format/figures.ts';
import type { Verdict } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';

/** How it was measured and how exact that is. */
export function notesSection({ notes }: Pick<Verdict, 'notes'>): Markup | undefined {
  if (notes.length === 0) return undefined;
  return html`<section aria-labelledby="notes">
    <h2 id="notes">How this was measured</h2>
    <ul class="notes">
      ${notes.map((note) => html`<li>${note}</li>`)}
    </ul>
  </section>`;
}

/** The machine, the tools and the inputs that the figures depend on; `madeFrom` is the file that the page was made from. */
export function environmentSection(
  { environment, run, cutover }: Pick<Verdict, 'environment' | 'run' | 'cutover'>,
  madeFrom: string,
): Markup {
  const { host, tools } = environment;
  const facts = [
    ['Machine', `${host.cpuModel}, ${host.cpus} CPUs, ${formatFigure(host.memoryBytes, 'bytes')} memory`],
    ['Platform', host.platform],
    ['Ended', formatMoment(run.endedAt)],
    ['Plan (SHA-256)', run.planSha256],
    ...(run.scenarioSha256 === undefined ? [] : [['Scenario (SHA-256)', run.scenarioSha256] as const]),
  ] as const;
  return html`<section aria-labelledby="environment">
    <h2 id="environment">Environment</h2>
    <dl class="pairs stacked">
      ${facts.map(
        ([term, fact]) =>
          html`<div>
            <dt>${term}</dt>
            <dd>${fact}</dd>
          </div>`,
      )}
    </dl>
    <div class="scroll" tabindex="0" role="region" aria-label="Tools">
      <table class="figures">
        <caption class="hidden">
          Tools
        </caption>
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col">Version</th>
            <th scope="col">From</th>
            <th scope="col">Path</th>
          </tr>
        </thead>
        <tbody>
          ${tools.map(
            ({ name, version, source, path }) =>
              html`<tr>
                <th scope="row">${name}</th>
                <td>${version}</td>
                <td>${source}</td>
                <td><code>${path}</code></td>
              </tr> `,
          )}
        </tbody>
      </table>
    </div>
    <p class="note">Made by cutover ${cutover} from this run's <code>${madeFrom}</code>.</p>
  </section>`;
}
