/** Adds up vitest's JSON results and prints the closing line of CI: "N passed, N failed, N skipped". */
import { existsSync, readFileSync } from 'node:fs';

interface VitestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numFailedTestSuites: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
}

let passed = 0;
let failed = 0;
let skipped = 0;
for (const path of process.argv.slice(2)) {
  if (!existsSync(path)) {
    console.error(`${path}: no results, so this part did not even start`);
    failed += 1;
    continue;
  }
  const result = JSON.parse(readFileSync(path, 'utf8')) as VitestResult;
  passed += result.numPassedTests;
  // A file that could not be loaded has no failed tests, only a failed suite.
  failed += Math.max(result.numFailedTests, result.numFailedTestSuites > 0 ? 1 : 0);
  skipped += result.numPendingTests + result.numTodoTests;
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed === 0 ? 0 : 1;
