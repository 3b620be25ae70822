import type { Section, Verdict } from '../../model/verdict.ts';
import { type Markup, html } from '../markup.ts';
import { detailsOf } from './details.ts';
import { ownChecks } from './own-checks.ts';

/** What was checked over the whole run: writes, traces, alerts. */
export function wholeRunSections({ sections, checks }: Verdict): Markup[] {
  return sections.map((section) => one(section, checks));
}

function one({ id, title, note, checks: own, details }: Section, checks: Verdict['checks']): Markup {
  return html`<section class="whole-run" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    <p class="note">${note}</p>
    ${ownChecks(
      own.flatMap((name) => checks.find((check) => check.id === name) ?? []),
      id,
    )}
    ${detailsOf(details, id)}
  </section> `;
}
