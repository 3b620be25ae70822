import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

test('the page’s script is free of type errors (it has the DOM’s types, so it is checked by itself)', () => {
  const check = () =>
    execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'reports/html/client'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
  expect(check).not.toThrow();
});
