import type { SweepReport } from '../../../model/sweep.ts';
import { type Markup, html } from '../../markup.ts';

/** Budgets of the experiment that no cell could be judged by. */
export function leftOutSection({ leftOutBudgets }: SweepReport): Markup | undefined {
  if (leftOutBudgets.length === 0) return undefined;
  return html`<section aria-labelledby="left-out">
    <h2 id="left-out">Budgets that were not judged</h2>
    <ul class="notes">
      ${leftOutBudgets.map(({ title, why }) => html`<li>${title}: ${why}</li>`)}
    </ul>
  </section>`;
}
