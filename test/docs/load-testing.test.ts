import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { loadPlans } from '../../lib/plan/load-plans.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/load-testing.md', import.meta.url)), 'utf8');

/** The page's examples: what they are (first line) and their text. */
const examples = [...PAGE.matchAll(/```ts\n\/\/ (\w+)\n([^]*?)```/g)].map(([, kind = '', text = '']) => ({
  kind,
  text,
}));

const SYSTEM = `{ services: { shop: { url: 'http://127.0.0.1:8080' } } }`;
const PHASES = `[{ name: 'steady', duration: '60s', rate: '100/s' }]`;
const LOAD = `{ scenario: 'builtin:http', env: { URL: '{{shop}}' }, phases: ${PHASES} }`;
const BUDGETS = `[{ kind: 'errors', phase: 'steady', atMost: '1%' }]`;

/** A config in which the example stands where it belongs. */
function configWith({ kind, text }: { readonly kind: string; readonly text: string }): string {
  const experiment = {
    experiment: text,
    phases: `{ version: 1, name: 'a', load: { ...${LOAD}, phases: ${text} }, budgets: ${BUDGETS} }`,
    budgets: `{ version: 1, name: 'a', load: ${LOAD}, budgets: ${text} }`,
  }[kind];
  if (experiment === undefined) throw new Error(`what is "${kind}"?`);
  return `export default { version: 1, system: ${SYSTEM}, experiments: [${experiment}] };`;
}

test('there are examples', () => {
  const kinds = Map.groupBy(examples, ({ kind }) => kind);
  expect([...kinds].map(([kind, { length }]) => [kind, length])).toEqual([
    ['phases', 1],
    ['experiment', 5],
    ['budgets', 1],
  ]);
  // No block goes unchecked: each opening fence is an example's.
  expect(PAGE.match(/^```\S/gm)).toHaveLength(examples.length);
});

test.each(examples)('the example is valid: $kind', async (example) => {
  const cwd = mkdtempSync(join(tmpdir(), 'cutover-docs-'));
  writeFileSync(join(cwd, 'cutover.config.ts'), configWith(example));
  writeFileSync(join(cwd, 'day.csv'), 'time,rate\n00:00,20\n12:00,90\n23:59,30\n');
  const { plans } = await loadPlans({ cwd, names: [], overrides: [] });
  expect(plans).toHaveLength(1);
});
