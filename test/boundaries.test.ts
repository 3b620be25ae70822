import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** Which way imports may go. `from` and `to` are matched against paths in the project, or names of packages. */
interface Rule {
  readonly why: string;
  readonly from: RegExp;
  readonly forbidden: RegExp;
  readonly except?: RegExp;
}

/** The values that one phase hands to the next, and pure helpers: every phase may know these. */
const SHARED =
  /^lib\/(plan\/(plan|nearest)|plan\/schema\/\w+|observe\/(observations|histogram|offered|\w+\/observation)|provision\/(placeholders|json-pointer)|units|errors|context|run-folder)\.ts$|^lib\/journal\/|^chaos\/(faults|drills)\/[\w-]+\.ts$|^chaos\/(grpc-codes|seeded|conflicts|tap\/attempt)\.ts$|^reports\/model\/verdict\.ts$/;

const RULES: readonly Rule[] = [
  {
    why: 'scenarios run inside k6: nothing of Node, of npm or of the harness',
    from: /^scenarios\//,
    forbidden: /^/,
    except: /^scenarios\/|^k6(\/|$)/,
  },
  {
    why: 'a renderer that could reach the harness would compute things that are not in verdict.json',
    from: /^reports\//,
    forbidden: /^(lib|chaos|scenarios|services|test)\//,
  },
  {
    why: 'judging is a pure function from observations to a verdict: no I/O',
    from: /^lib\/judge\//,
    forbidden: /^node:|^(lib|chaos|reports)\//,
    except: /^lib\/judge\//,
  },
  {
    why: 'a phase knows the values of the others, not their doings: only the composition root joins them',
    from: /^lib\/(provision|drive|observe|judge)\//,
    forbidden: /^lib\/(plan|provision|drive|observe|judge|cli|run|measure)\b|^reports\//,
  },
  {
    why: 'what talks to processes is in chaos/drivers (and the warden, which outlives everything, the toolchain, and the reader of the process table)',
    from: /^(lib|chaos)\//,
    forbidden: /^(node:)?child_process$/,
    except: /^$/,
  },
  { why: 'the product does not import its tests', from: /^(lib|chaos|reports|scenarios)\//, forbidden: /^test\// },
];

const MAY_SPAWN = /^chaos\/drivers\/|^chaos\/warden|^lib\/toolchain\/|^lib\/observe\/ps\.ts$/;

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statements = [
    ...text.matchAll(/^(?:import|export)\b[^'";]*?\bfrom '([^']+)'|^import '([^']+)'|\bimport\('([^']+)'\)/gm),
  ];
  return statements.map(([, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    return target.startsWith('.') ? normalize(join(dirname(file), target)) : target;
  });
}

function isAllowed({ from, forbidden, except }: Rule, file: string, target: string): boolean {
  if (!from.test(file) || !forbidden.test(target)) return true;
  if (target === 'node:child_process') return MAY_SPAWN.test(file);
  const ownPhase = /^lib\/\w+\//.exec(file)?.[0];
  if (ownPhase !== undefined && target.startsWith(ownPhase)) return true;
  return except?.test(target) === true || (file.startsWith('lib/') && SHARED.test(target));
}

const files = globSync(['{lib,chaos,reports,scenarios}/**/*.ts', 'cutover.config.ts'], {
  exclude: (path) => path.includes('out/'),
});

test('there is something to check', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(importsOf('lib/run.ts')).toContain('lib/measure.ts');
});

test.each(RULES)('$why', (rule) => {
  const violations = files.flatMap((file) =>
    importsOf(file)
      .filter((target) => !isAllowed(rule, file, target))
      .map((target) => `${file} imports ${target}`),
  );
  expect(violations).toEqual([]);
});

test('the rules can fail', () => {
  const [scenarios, reports, judge, phases, processes] = RULES as [Rule, Rule, Rule, Rule, Rule, Rule];
  expect(isAllowed(scenarios, 'scenarios/http.ts', 'node:fs')).toBe(false);
  expect(isAllowed(scenarios, 'scenarios/http.ts', 'lib/units.ts')).toBe(false);
  expect(isAllowed(reports, 'reports/html/html.ts', 'lib/units.ts')).toBe(false);
  expect(isAllowed(judge, 'lib/judge/cpu.ts', 'node:fs')).toBe(false);
  expect(isAllowed(phases, 'lib/drive/load.ts', 'lib/observe/receiver.ts')).toBe(false);
  expect(isAllowed(phases, 'lib/drive/load.ts', 'lib/plan/plan.ts')).toBe(true);
  expect(isAllowed(processes, 'lib/provision/provision.ts', 'node:child_process')).toBe(false);
  expect(isAllowed(processes, 'chaos/drivers/child-process.ts', 'node:child_process')).toBe(true);
});
