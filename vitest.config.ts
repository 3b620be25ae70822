import { defineConfig } from 'vitest/config';

/** What is about time, or needs both cores for itself: one file after the other, after all others. */
const ALONE = [
  'test/e2e/{stalls,compare,failures,faults,foreign-server,history}.test.ts',
  'test/capacity/{oracle,probe,search}.test.ts',
  'test/observe/{k6-agreement,observe,resources}.test.ts',
  'test/chaos/faults/service-faults.test.ts',
  'test/chaos/lease.test.ts',
  'test/scenarios/measured.test.ts',
  'test/services/**',
];

export default defineConfig({
  test: {
    globalSetup: 'test/helpers/global-setup.ts',
    // Modules are loaded by Node itself, as they are in use, and not by Vite's transformation.
    experimental: { viteModuleRunner: false },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ['test/bench/**', ...ALONE],
          // Most of the time they wait: for a process, a time-out, a browser.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'alone',
          include: ALONE,
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
