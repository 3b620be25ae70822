import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ruleFileOf, ruleTestFileOf } from '../../lib/alerts/made-by.ts';
import { loadPlans } from '../../lib/plan/load-plans.ts';
import { burnMetricsSchema } from '../../lib/plan/schema/alerts.ts';
import { runCommand } from '../../lib/toolchain/run-command.ts';
import { prometheusPaths, withPrometheus } from '../helpers/prometheus.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const FOLDER = join(ROOT, 'services/alerts');
const RULES = 'reference.rules.yaml';
const TESTS = 'reference.rules.test.yaml';

const { plans } = await loadPlans({
  cwd: ROOT,
  configPath: 'services/releases/cutover.config.ts',
  names: ['services/releases/alerts.experiment.ts'],
  overrides: [],
});
const [plan] = plans;
if (plan === undefined) throw new Error('there is the experiment of the alerts');
const metrics = burnMetricsSchema.parse({});
const rules = ruleFileOf(plan, metrics);
const tests = ruleTestFileOf(plan, metrics, RULES);

/** After a wanted change: `cutover alerts alerts -c services/releases/cutover.config.ts`, with `--tests` for the other. */
test.each([
  [RULES, rules],
  [TESTS, tests],
])("%s is what the experiment's budgets make", (name, made) => {
  expect(readFileSync(join(FOLDER, name), 'utf8')).toBe(made);
});

// Each unit test of promtool has a database of its own, which a busy disk takes a second for.
describe.skipIf(withPrometheus.skip)(`promtool ${withPrometheus.reason}`, { timeout: 90_000 }, () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cutover-rules-'));
    writeFileSync(join(folder, TESTS), tests);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function promtool(words: string, ruleText: string) {
    writeFileSync(join(folder, RULES), ruleText);
    const signal = new AbortController().signal;
    return await runCommand(prometheusPaths().promtool, words.split(' '), { env: {}, signal, cwd: folder });
  }

  test('reads the rules', async () => {
    expect(await promtool(`check rules ${RULES}`, rules)).toMatchObject({ code: 0 });
  });

  test('sees each alert fire, stay quiet, and end', async () => {
    expect(await promtool(`test rules ${TESTS}`, rules)).toMatchObject({ code: 0 });
  });

  test.each([
    ['twice the limit', (text: string) => text.replaceAll('(14.4 *', '(28.8 *')],
    ['no short window', (text: string) => text.replaceAll(/\n +and\n[^\n]*/g, '')],
  ])('finds %s', async (_, change) => {
    expect(change(rules)).not.toBe(rules);
    expect(await promtool(`test rules ${TESTS}`, change(rules))).toMatchObject({ code: 1 });
  });
});
