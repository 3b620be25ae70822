import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { drillSchema } from '../../lib/plan/schema/drills.ts';
import { loadPlans } from '../../lib/plan/load-plans.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/releases.md', import.meta.url)), 'utf8');

test('the rollback drill of a service of one’s own is valid as it stands there', async () => {
  const [, text = ''] = /<!-- example: rollback -->\n```ts\n([^]*?)```/.exec(PAGE) ?? [];
  const cwd = mkdtempSync(join(tmpdir(), 'cutover-docs-'));
  writeFileSync(join(cwd, 'cutover.config.ts'), text);
  writeFileSync(join(cwd, 'orders.ts'), 'export default () => {};\n');
  const { plans } = await loadPlans({ cwd, names: [], overrides: [] });
  expect(plans[0]).toMatchObject({
    experiment: 'rollback',
    load: { recordWrites: true },
    drills: [{ kind: 'rollback' }],
  });
});

test('every drill of a release is told of', () => {
  const kinds = drillSchema.options.filter(({ shape }) => !('on' in shape)).map(({ shape }) => shape.kind.value);
  expect(kinds.length).toBeGreaterThan(8);
  for (const kind of kinds) expect(PAGE).toContain(`| \`${kind}\` |`);
});
