import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { KIND_NAMES, kindOf } from '../../lib/sweep/kinds.ts';
import { DEFAULT_FOR, DEFAULT_TIME_LIMIT } from '../../lib/sweep/settings.ts';
import { ANSWERS } from '../../reports/format/sweep.ts';

const PAGE = readFileSync(fileURLToPath(new URL('../../docs/fault-sweep.md', import.meta.url)), 'utf8');

test('the page’s table of kinds is the code’s', () => {
  const rows = KIND_NAMES.map((name) => {
    const { on, intensity, ladder } = kindOf(name);
    const rungs = ladder.join(', ');
    return `| \`${name}\` | ${on} | ${intensity} |${rungs === '' ? '' : ` ${rungs}`} |`;
  });
  expect(PAGE.split('\n').filter((line) => rows.some((row) => line === row))).toEqual(rows);
});

test('so are its answers and its defaults', () => {
  for (const { mark, word } of Object.values(ANSWERS)) expect(PAGE).toContain(`| ${mark} ${word} |`);
  expect(PAGE).toContain(`\`--for ${DEFAULT_FOR}\``);
  expect(PAGE).toContain(`\`--time-limit ${DEFAULT_TIME_LIMIT}\``);
});
